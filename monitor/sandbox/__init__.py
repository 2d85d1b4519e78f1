"""Loopback networks, a mailbox and a scripted school day, for the demonstration and the tests.

The networks are built from what the networks document and from recorded answers, so that what works here has a fair
chance there. Nothing in this package is used by a running service, and nothing in it leaves 127.0.0.1.

    state = XState(handle=..., name=..., token=..., clock=...)      what stands there: x_state, graph_state
    faults = Faults()                                               what goes wrong, to order: faults
    with serve_x(state, faults) as serving:                         over HTTP: x_api, graph_api
        ... serving.url ...                                         any other loopback page: serve.Serving
"""
