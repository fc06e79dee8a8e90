"""Models on other machines: a Ray cluster computes what this process otherwise would. The only place that knows Ray.

`recipes` says how a node opens each model; `replicas` are the models as Ray Serve deployments; `connection` reaches the
cluster; `cluster` puts them there and asks them; `twins` stand in for them here; `training` lets a node do a training
run; `parcels` are folders on their way; `site` joins all of it; `visiting` looks at what is there and removes it.
What goes over the wire is Python's own format, so that a cluster belongs into a network that nobody else reaches.
"""

import os

# Read when Ray is imported, here and in what it starts: no figures about its use go to its makers, and what is still on
# its way when a connection ends opens no other.
os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_AUTO_CONNECT": "0"}
