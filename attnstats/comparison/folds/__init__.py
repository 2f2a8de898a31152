"""Two conditions on the folds of a cross-validation, whose training sets overlap."""
