"""The root of the errors that this program raises on purpose.

    CatalystError
    ├─ SettingsError                 settings: all faults of the environment and flags, exit 2
    ├─ KubeConfigError               kube: no usable configuration of the cluster
    ├─ KubeError                     kube: an API server did not do what it was asked
    ├─ ProviderError                 control.ports
    │  ├─ ProviderUnavailableError   may work later: retry with backoff
    │  └─ ProviderRejectedError      will not work until a person changes something
    └─ NotSyncedError and others     app, web, sandbox: a command can't do what it should

Bad data in an object or a zone is no error but a `Skip`.
"""


class CatalystError(Exception):
    """Nothing raises it; it is there to be caught at the very top."""
