"""Mutual information of time series: nulls that keep autocorrelation, lags, transfer entropy."""
