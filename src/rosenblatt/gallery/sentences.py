"""Sentences that the project makes itself, for machines without real ones: reviews and clauses."""

import numpy as np

GOOD = ("moving", "funny", "brilliant", "tender", "gripping", "wise", "fresh", "charming")
BAD = ("dull", "clumsy", "tedious", "shallow", "noisy", "stale", "lifeless", "silly")
THINGS = ("film", "plot", "cast", "script", "ending", "music", "camera", "story")
NEVER = ("never", "not", "hardly", "anything but")
DEGREES = ("", "quite ", "very ", "rather ", "truly ")


def reviews(count: int, rng: np.random.Generator) -> list[tuple[int, str]]:
    """Return (1 good or 0 bad, sentence): the last clause counts, and a negation turns it."""
    made = []
    for _ in range(count):
        label, clauses = 0, []
        for _ in range(int(rng.integers(1, 4))):
            label = int(rng.integers(0, 2))
            negated = rng.random() < 0.4
            adjective = _one(GOOD if label != negated else BAD, rng)
            negation = _one(NEVER, rng) + " " if negated else ""
            clauses.append(f"the {_one(THINGS, rng)} is {negation}{_one(DEGREES, rng)}{adjective}")
        made.append((label, " , but ".join(clauses) + " ."))
    return made


# Nouns and verbs share forms, so the tag depends on the place: "the fish swim", "men fish".
NOUNS = ("fish", "men", "dogs", "plants", "books", "fires", "drinks", "walks")
VERBS = ("fish", "plant", "book", "fire", "drink", "walk", "swim", "sleep")
PLACES = (("in", "ADP"), ("near", "ADP"), ("under", "ADP"))
ADJECTIVES = ("old", "light", "green", "quick", "small")
ADVERBS = ("often", "never", "quickly", "well")


def tagged(count: int, rng: np.random.Generator) -> list[list[tuple[str, str]]]:
    """Return sentences of (word, part of speech)."""
    return [_clause(rng) for _ in range(count)]


def _clause(rng: np.random.Generator) -> list[tuple[str, str]]:
    words = _noun_phrase(rng)
    if rng.random() < 0.4:
        words.append((_one(ADVERBS, rng), "ADV"))
    words.append((_one(VERBS, rng), "VERB"))
    if rng.random() < 0.5:
        words += _noun_phrase(rng)
    if rng.random() < 0.5:
        words += [PLACES[int(rng.integers(0, len(PLACES)))], *_noun_phrase(rng)]
    return [*words, (".", "PUNCT")]


def _noun_phrase(rng: np.random.Generator) -> list[tuple[str, str]]:
    words = [("the", "DET")] if rng.random() < 0.5 else []
    if rng.random() < 0.5:
        words.append((_one(ADJECTIVES, rng), "ADJ"))
    return [*words, (_one(NOUNS, rng), "NOUN")]


# English and French: the adjective changes sides, the article and the ending agree.
FRENCH_NOUNS = {
    "cat": ("chat", "m"), "dog": ("chien", "m"), "boat": ("bateau", "m"), "boy": ("garçon", "m"),
    "house": ("maison", "f"), "car": ("voiture", "f"), "woman": ("femme", "f"),
    "door": ("porte", "f"),
}  # fmt: skip
FRENCH_ADJECTIVES = {
    "black": ("noir", "noire"), "green": ("vert", "verte"), "blue": ("bleu", "bleue"),
    "white": ("blanc", "blanche"),
}  # fmt: skip
FRENCH_VERBS = {"sees": "voit", "likes": "aime", "hides": "cache", "follows": "suit"}


def translations(count: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Return (English, French) sentences."""
    return [_translation(rng) for _ in range(count)]


def _translation(rng: np.random.Generator) -> tuple[str, str]:
    verb = _one(tuple(FRENCH_VERBS), rng)
    (subject, sujet), (thing, chose) = _bilingual_phrase(rng), _bilingual_phrase(rng)
    if rng.random() < 0.3:
        return f"{subject} does not see {thing} .", f"{sujet} ne voit pas {chose} ."
    return f"{subject} {verb} {thing} .", f"{sujet} {FRENCH_VERBS[verb]} {chose} ."


def _bilingual_phrase(rng: np.random.Generator) -> tuple[str, str]:
    noun = _one(tuple(FRENCH_NOUNS), rng)
    french, gender = FRENCH_NOUNS[noun]
    feminine = gender == "f"
    english = "the" if rng.random() < 0.5 else "a"
    article = {"the": ("le", "la"), "a": ("un", "une")}[english][feminine]
    if rng.random() < 0.6:
        adjective = _one(tuple(FRENCH_ADJECTIVES), rng)
        ending = FRENCH_ADJECTIVES[adjective][feminine]
        return f"{english} {adjective} {noun}", f"{article} {french} {ending}"
    return f"{english} {noun}", f"{article} {french}"


def _one(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(0, len(choices)))]
