"""Estimators that are not networks: perceptrons, kernel machines, regressions, trees, features."""

from rosenblatt.classic.boosting import BoostedTreesClassifier, BoostedTreesRegressor
from rosenblatt.classic.budget_perceptron import BudgetPerceptron
from rosenblatt.classic.feature_machine import FeatureMachineClassifier, FeatureMachineRegressor
from rosenblatt.classic.feature_maps import Nystrom, RandomFourier
from rosenblatt.classic.forest import RandomForestClassifier, RandomForestRegressor
from rosenblatt.classic.kernel_pca import KernelPCA
from rosenblatt.classic.kernel_perceptron import KernelPerceptron
from rosenblatt.classic.kernel_ridge import KernelRidge, KernelRidgeRegressor
from rosenblatt.classic.linear_svm import LinearSVM
from rosenblatt.classic.logistic import KernelLogisticRegression, LogisticRegression
from rosenblatt.classic.naive_bayes import NaiveBayes
from rosenblatt.classic.perceptron import Perceptron
from rosenblatt.classic.ridge import RidgeRegressor
from rosenblatt.classic.standardisation import Standardisation
from rosenblatt.classic.svm import SVM
from rosenblatt.classic.virtual_svm import VirtualSVM

__all__ = [
    "SVM",
    "BoostedTreesClassifier",
    "BoostedTreesRegressor",
    "BudgetPerceptron",
    "FeatureMachineClassifier",
    "FeatureMachineRegressor",
    "KernelLogisticRegression",
    "KernelPCA",
    "KernelPerceptron",
    "KernelRidge",
    "KernelRidgeRegressor",
    "LinearSVM",
    "LogisticRegression",
    "NaiveBayes",
    "Nystrom",
    "Perceptron",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "RandomFourier",
    "RidgeRegressor",
    "Standardisation",
    "VirtualSVM",
]
