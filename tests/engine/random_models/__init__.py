"""Random block-structured diagrams, and people, clocks and systems that play them."""
