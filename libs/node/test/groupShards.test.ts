import { MetadataImage } from "@tailrace/metadata"
import { expect, it } from "vitest"
import type { GroupShardActor } from "../src/GroupShardActor.ts"
import { GroupShards } from "../src/internal/GroupShards.ts"

/** A shard that is led here and lists so many groups. */
const shardWith = (count: number): GroupShardActor => {
  const groups = Array.from({ length: count }, (_, i) => ({ groupId: `g${i}`, protocolType: "consumer", state: "Empty", groupType: "classic" }))
  const listGroups: GroupShardActor["listGroups"] = (_, answer) => answer(groups)
  return { isLed: true, listGroups } as unknown as GroupShardActor
}

it("lists the groups of all shards, however many one of them has", () => {
  const shards = new GroupShards(() => MetadataImage.fromRecords([]), () => Promise.resolve())
  shards.set(0, shardWith(200_000))
  shards.set(1, shardWith(3))
  const counts: Array<number> = []
  shards.listGroups({ statesFilter: [], typesFilter: [] }, (response) => counts.push(typeof response === "number" ? -1 : response.length))
  expect(counts).toEqual([200_003])
})

it("asks for the topic of the coordinators once, for however many groups", async () => {
  let asked = 0
  const shards = new GroupShards(() => MetadataImage.fromRecords([]), async () => {
    asked++
  })
  expect(await shards.find(Array.from({ length: 1_000 }, (_, i) => `g${i}`))).toEqual(Array.from({ length: 1_000 }, () => -1))
  expect(asked).toBe(1)
})
