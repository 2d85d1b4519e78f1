"""Trains the model that ships in monitor/detectors/model, from public data with a clear licence and our own corpus."""
