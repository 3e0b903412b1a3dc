import { expect, it } from "vitest"
import { formatActorAddress, parseActorAddress, type ActorAddress } from "../src/ActorAddress.ts"

it("writes and reads every kind of address", () => {
  const addresses: ReadonlyArray<readonly [string, ActorAddress]> = [
    ["controller", { kind: "controller" }],
    ["partition/orders.v2/3", { kind: "partition", topic: "orders.v2", partition: 3 }],
    ["group/billing", { kind: "group", groupId: "billing" }],
    ["group/", { kind: "group", groupId: "" }],
    ["group/a%2fb%25%20\u00e9%0a", { kind: "group", groupId: "a/b% \u00e9\n" }],
    ["transaction/tx-1", { kind: "transaction", transactionalId: "tx-1" }],
    ["node/0", { kind: "node", nodeId: 0 }]
  ]
  for (const [text, address] of addresses) {
    expect(formatActorAddress(address)).toBe(text)
    expect(parseActorAddress(text)).toEqual(address)
  }
})

it("reads no second text for the same actor, and nothing else", () => {
  const wrong = [
    "", "controller/", "Controller", "partition", "partition/orders", "partition//1", "partition/orders/03", "partition/orders/-1",
    "partition/orders/1/2", "partition/orders/2147483648", "partition/orders/1e3", "group", "group/a/b", "group/a b", "group/%2F",
    "group/%41", "group/%", "node/x", "replica/orders/1", "node/1/2"
  ]
  for (const text of wrong) expect([text, parseActorAddress(text)]).toEqual([text, undefined])
})
