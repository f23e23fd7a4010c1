"""Awards that overlap: the same text, or the same people and title, in two records.

`search.overlaps` is the entrance. Invariants: the order of the awards, the case of their letters
and whatever stands in markup never change what is found; a pair's score follows from its two
awards and from which of their passages are common elsewhere, from nothing else of the corpus.
"""
