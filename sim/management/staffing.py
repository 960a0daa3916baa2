"""The weekly re-balance: where work asks for people (R4, R41)."""

from __future__ import annotations

from sim.jit import kernel


@kernel
def share_out(work, heads, quota):
    """Fill quota [L]: real-valued heads per pool in proportion to work, at least one each (R41).

    Pools whose quota is below 1 get 1 and leave; the rest share what remains, until none is
    below 1. work [L] >= 0, heads >= L; without any work, equal quotas.
    """
    n = len(work)
    for pool in range(n):
        quota[pool] = 0.0  # 0: still sharing; 1 for good once it would fall below
    members = -1
    sharing = n
    left = float(heads)
    total = 0.0
    while sharing != members and sharing > 0:
        members = sharing
        left = float(heads)
        total = 0.0
        for pool in range(n):
            if quota[pool] == 0.0:
                total += work[pool]
            else:
                left -= 1.0
        for pool in range(n):
            if quota[pool] == 0.0:
                share = left * work[pool] / total if total > 0.0 else left / members
                if share < 1.0:
                    quota[pool] = 1.0
                    sharing -= 1
    for pool in range(n):
        if quota[pool] == 0.0:
            quota[pool] = left * work[pool] / total if total > 0.0 else left / members


@kernel
def next_move(quota, posts, staying, threshold, movable):
    """(giver, taker) of the next move, or (-1, -1).

    The largest real-valued surplus gives to the largest deficit that anybody may fill, if both
    reach the threshold, the giver keeps somebody, and the move brings heads nearer to their
    quotas (together above 1; else two pools would send one person to and fro); ties go to the
    lower index. posts [L] are heads with pending moves counted as made, staying [L] people at
    work there who neither leave nor move; movable[l, m]: may people of l move to m (licensed
    functions take only their own kind)?
    """
    giver = -1
    taker = -1
    for short in range(len(quota)):
        deficit = quota[short] - posts[short]
        if deficit < threshold or (taker >= 0 and deficit <= quota[taker] - posts[taker]):
            continue
        best = -1
        for pool in range(len(quota)):
            surplus = posts[pool] - quota[pool]
            if (
                surplus >= threshold
                and surplus + deficit > 1.0
                and staying[pool] >= 2
                and movable[pool, short]
                and (best < 0 or surplus > posts[best] - quota[best])
            ):
                best = pool
        if best >= 0:
            giver = best
            taker = short
    return giver, taker
