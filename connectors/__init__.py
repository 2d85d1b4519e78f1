"""The networks. Each connector is one file; the registry of dotted names is below."""
