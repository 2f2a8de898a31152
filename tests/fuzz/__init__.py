"""Every public door against what people bring: a result that keeps its promises, or an error that says what to do."""
