"""`stillhere backtest`: any event log in, forecasts of past days and what came of them out."""
