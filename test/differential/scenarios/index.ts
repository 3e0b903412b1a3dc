import type { Scenario } from "../Scenario.ts"
import { cluster } from "./cluster.ts"
import { committed } from "./committed.ts"
import { configs } from "./configs.ts"
import { coordinators } from "./coordinators.ts"
import { createTopics } from "./createTopics.ts"
import { deleteTopics } from "./deleteTopics.ts"
import { expiries } from "./expiries.ts"
import { fetch } from "./fetch.ts"
import { fetchSessions } from "./fetchSessions.ts"
import { frames } from "./frames.ts"
import { groups } from "./groups.ts"
import { idempotence } from "./idempotence.ts"
import { leaderEpochs } from "./leaderEpochs.ts"
import { listGroups } from "./listGroups.ts"
import { listOffsets } from "./listOffsets.ts"
import { metadata } from "./metadata.ts"
import { polls } from "./polls.ts"
import { produce } from "./produce.ts"
import { rebalances } from "./rebalances.ts"
import { replicas } from "./replicas.ts"
import { staticMembers } from "./staticMembers.ts"
import { timestamps } from "./timestamps.ts"
import { truncated } from "./truncated.ts"

/** All scripts. */
export const scenarios: ReadonlyArray<Scenario> = [
  listGroups, cluster, metadata, ...expiries, produce, idempotence, timestamps, fetch, fetchSessions, listOffsets, leaderEpochs, coordinators, groups, staticMembers, rebalances, committed, polls, truncated,
  createTopics, configs, replicas, frames, deleteTopics
]
