"""How far scores of tokens agree with marks, one file for each measure."""
