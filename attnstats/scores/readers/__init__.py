"""Long tables from where scores lie: scikit-learn's dicts, sample files of lm-evaluation-harness, Inspect logs."""
