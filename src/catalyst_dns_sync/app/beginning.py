"""What the first pass waits for: who we are, and what the sources say."""

import asyncio
import logging
from dataclasses import replace

from catalyst_dns_sync.app.parts import Parts
from catalyst_dns_sync.kube.api import cluster_id
from catalyst_dns_sync.kube.errors import KubeError

log = logging.getLogger(__name__)

FIRST_PASS_AFTER = 5.0
"""Seconds that the first pass waits at most for sources that do not answer."""

IDENTITY_RETRY = 1.0
IDENTITY_RECHECK = 60.0


async def identify(parts: Parts) -> None:
    """Learn the cluster's id; return without it when we are not permitted to read it."""
    began = asyncio.get_running_loop().time()
    while True:
        try:
            await _learn(parts)
        except KubeError:
            await asyncio.sleep(IDENTITY_RETRY)
            continue
        waited = asyncio.get_running_loop().time() - began
        # A new pod is refused for a while: so a refusal counts only once it has lasted.
        if parts.reconciler.identity.cluster is not None or waited >= FIRST_PASS_AFTER:
            break
        await asyncio.sleep(IDENTITY_RETRY)
    if parts.reconciler.identity.cluster is None:
        log.warning(
            "the namespace kube-system may not be read: records are marked without the cluster's "
            "id, and records of this owner that have one are left alone"
        )


async def identify_soon(parts: Parts) -> bool:
    """Learn the cluster's id, if the cluster answers within a while; tell whether it did."""
    try:
        async with asyncio.timeout(2 * FIRST_PASS_AFTER):
            await identify(parts)
    except TimeoutError:
        return False
    return True


async def keep_identifying(parts: Parts) -> None:
    """Go on looking who we are as long as we are not told."""
    while parts.reconciler.identity.cluster is None:
        await asyncio.sleep(IDENTITY_RECHECK)
        try:
            await _learn(parts)
        except KubeError:
            continue
        if parts.reconciler.identity.cluster is not None:
            # What was taken for another cluster's is ours.
            parts.begin()


async def wait_for_sources(parts: Parts) -> None:
    """Wait for the sources, but no longer than the first pass may wait for them."""
    try:
        async with asyncio.timeout(FIRST_PASS_AFTER):
            await parts.sources.wait_answered()
    except TimeoutError:
        silent = [store.source for store in parts.sources.stores if not store.answered]
        log.warning("not every source answered yet", extra={"sources": ",".join(silent)})


async def _learn(parts: Parts) -> None:
    cluster = await cluster_id(parts.kube)
    if cluster is not None:
        for lane in parts.lanes:
            lane.reconciler.identity = replace(lane.reconciler.identity, cluster=cluster)
        log.info("cluster identified", extra={"cluster": cluster})
