"""The perceptron of two classes, as in the lecture: one weight vector, kept after each step."""

import numpy as np


def learn(x, signs, order):
    """Return the weights after each step, [T, D], and which steps were mistakes."""
    w, weights, mistakes = np.zeros(x.shape[1]), [], []
    for step, i in enumerate(order):
        if signs[i] * (x[i] @ w) <= 0:
            w = w + signs[i] * x[i]
            mistakes.append(step)
        weights.append(w)
    return np.array(weights), mistakes


def learn_classes(x, labels, order, classes):
    """Return the weights after each step, [T, K, D], of the multi-class rule."""
    w, weights = np.zeros((classes, x.shape[1])), []
    for i in order:
        scores = w @ x[i]
        others = np.where(np.arange(classes) == labels[i], -np.inf, scores)
        if others.max() >= scores[labels[i]]:
            w = w.copy()
            w[labels[i]] += x[i]
            w[others.argmax()] -= x[i]
        weights.append(w)
    return np.array(weights)
