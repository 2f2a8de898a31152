"""How two conditions are compared, one file for each analysis."""
