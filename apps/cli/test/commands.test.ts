import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { Tailrace } from "@tailrace/embedded"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { call as callAnywhere, type Outcome, type TerminalOptions } from "./Terminal.ts"

let node: Tailrace
beforeAll(async () => {
  node = await Tailrace.start({ storage: "memory", properties: { "listeners": "PLAINTEXT://localhost:0", "group.initial.rebalance.delay.ms": "0" } })
})
afterAll(() => node.close())

/** A command line, with the node of this test as the cluster. */
const call = (line: string, options: TerminalOptions = {}): Promise<Outcome> =>
  callAnywhere(line.split(" "), { ...options, environment: { TAILRACE_BOOTSTRAP_SERVERS: node.bootstrapServers, ...options.environment } })

/** The same, for a call that has to go well; what it printed. */
const out = async (line: string, input?: string): Promise<string> => {
  const outcome = await call(line, input === undefined ? {} : { input })
  expect(outcome.exitCode, outcome.err).toBe(0)
  return outcome.out
}

describe("topic", () => {
  it("creates, lists, describes, alters and deletes", async () => {
    expect(await out("topic create t1 --partitions 2 --config retention.ms=1000")).toBe("Created topic t1.\n")
    expect(await out("topic --create --topic t2 --partitions 1 --replication-factor 1")).toBe("Created topic t2.\n")
    expect(await out("topic list --exclude-internal")).toContain("t1\nt2\n")
    expect(await out("kafka-topics.sh --describe --topic t1")).toMatch(new RegExp(
      "^Topic: t1\tTopicId: \\S{22}\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: retention.ms=1000\n" +
      "\tTopic: t1\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n"))
    expect(await out("topic alter t1 --partitions 3")).toBe("Topic t1 has 3 partitions.\n")
    expect(JSON.parse(await out("topic describe t1 --json"))).toMatchObject([{ name: "t1", partitionCount: 3, configs: { "retention.ms": "1000" } }])
    expect(await out("topic delete t[12]")).toBe("Deleted topic t1.\nDeleted topic t2.\n")
    expect(await out("topic describe t1 --if-exists")).toBe("")
  })

  it("says what was wrong and what to do, with an exit code", async () => {
    await out("topic create twice")
    expect(await call("topic create twice")).toEqual({ exitCode: 1, out: "", err:
      "tailrace: TOPIC_ALREADY_EXISTS (twice): Topic 'twice' already exists.\n" +
      "--if-not-exists makes that no error; `tailrace topic alter twice --partitions N` adds partitions.\n" })
    expect(await out("topic create twice --if-not-exists")).toBe("")
    const two = await call("topic create twice once")
    expect(two).toMatchObject({ exitCode: 1, out: "Created topic once.\n" })
    expect(two.err).toContain("TOPIC_ALREADY_EXISTS (twice)")
    expect((await call("topic create twice once")).err).toContain("creating topics failed for 2 of 2:\n  TOPIC_ALREADY_EXISTS (twice)")
    expect(await call("topic describe nothing")).toMatchObject({ exitCode: 1, err: expect.stringContaining("topic nothing does not exist") as string })
    const json = await call("topic describe nothing --json")
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: "UNKNOWN_TOPIC_OR_PARTITION", exitCode: 1, message: "topic nothing does not exist" } })
    expect(await call("topic create a,b/c")).toMatchObject({ exitCode: 1 })
  })
})

describe("produce and consume", () => {
  it("takes lines and prints them", async () => {
    await out("topic create lines --partitions 2")
    expect(await out("produce lines --partition 1", "one\ntwo\nthree")).toBe("")
    expect(await out("consume lines --from-beginning --until-end")).toBe("one\ntwo\nthree\n")
    expect(await out("consume lines --from-beginning --max-messages 2")).toBe("one\ntwo\n")
    expect(await out("consume lines --partition 1 --offset 2 --timeout-ms 200 --property print.offset=true")).toBe("Offset:2\tthree\n")
    expect(await out("consume lines --timeout-ms 100")).toBe("")
    expect((await call("consume lines --from-beginning --until-end")).err).toBe("Processed a total of 3 messages\n")
  })

  it.each(["none", "gzip", "snappy", "lz4", "zstd"])("takes keys and headers, compressed by %s", async (codec) => {
    const topic = `keys-${codec}`
    await out(`topic create ${topic}`)
    const sent = await out(`produce ${topic} --compression-codec ${codec} --property parse.key=true --property key.separator=: --property null.marker=NULL --header h=1 --json`, "a:1\nb:NULL\n")
    expect(sent.split("\n").filter(Boolean).map((line) => JSON.parse(line) as unknown)).toMatchObject([{ partition: 0, offset: 0 }, { partition: 0, offset: 1 }])
    expect(await out(`consume ${topic} --from-beginning --max-messages 2 --property print.key=true --property print.headers=true`)).toBe("h:1\ta\t1\nh:1\tb\tnull\n")
    const [first] = (await out(`consume ${topic} --from-beginning --max-messages 1 --json`)).split("\n")
    expect(JSON.parse(first ?? "")).toMatchObject({ topic, partition: 0, offset: 0, key: "a", value: "1", headers: [{ key: "h", value: "1" }] })
  })

  it("moves many records without holding them all", async () => {
    await out("topic create many --partitions 3")
    const lines = Array.from({ length: 50_000 }, (_, index) => `record-${index}`)
    await out("produce many", lines.join("\n"))
    const printed = (await out("consume many --from-beginning --until-end")).trimEnd().split("\n")
    expect(printed.length).toBe(lines.length)
    expect(new Set(printed)).toEqual(new Set(lines))
  }, 30_000)

  it("sends what was read before an interrupt", async () => {
    await out("topic create interrupted")
    const controller = new AbortController()
    const input = new Readable({ read: () => undefined })
    const outcome = call("produce interrupted --json", { input, signal: controller.signal, onOutput: () => controller.abort("SIGINT") })
    input.push("one\n")
    expect(await outcome).toMatchObject({ exitCode: 0, out: expect.stringContaining("\"offset\":0") as string })
  })

  it("reads what comes until it is interrupted", async () => {
    await out("topic create live")
    const controller = new AbortController()
    const outcome = call("consume live --from-beginning", {
      signal: controller.signal, onOutput: (text) => {
        if (text.endsWith("last\n")) controller.abort("SIGINT")
      }
    })
    await out("produce live", "first\n")
    await out("produce live", "last\n")
    expect(await outcome).toMatchObject({ exitCode: 0, out: "first\nlast\n" })
  })

  it("refuses what cannot be", async () => {
    await out("topic create small")
    expect(await call("produce small --partition 7", { input: "x\n" })).toMatchObject({ exitCode: 2, err: expect.stringContaining("1 partitions") as string })
    expect(await call("produce small --property parse.key=true", { input: "x\n" })).toMatchObject({ exitCode: 1, err: expect.stringContaining("line number 1") as string })
    expect(await call("consume small --partition 3")).toMatchObject({ exitCode: 1, err: expect.stringContaining("has no partition 3") as string })
    expect(await call("consume small --offset 3")).toMatchObject({ exitCode: 2 })
    for (const line of ["consume nothing-here", "consume nothing-here --group g"]) {
      expect(await call(line)).toMatchObject({ exitCode: 1, err: expect.stringContaining("UNKNOWN_TOPIC_OR_PARTITION (nothing-here)") as string })
    }
    expect(await out("topic list")).not.toContain("nothing-here")
    expect(await out("produce created-by-producing", "x\n")).toBe("")
  })
})

describe("group", () => {
  it("commits what was printed, describes, resets and deletes", async () => {
    await out("topic create grouped")
    await out("produce grouped", "1\n2\n3\n4\n")
    expect(await out("consume grouped --group g --from-beginning --max-messages 3")).toBe("1\n2\n3\n")
    expect(await out("group list")).toContain("g\n")
    expect(await out("group --list --state")).toMatch(/^g {25}Empty$/m)
    const described = await call("group describe g")
    expect(described.err).toBe("\nConsumer group 'g' has no active members.\n")
    expect(described.out).toMatch(/^g +grouped +0 +3 +4 +1 +- +- +-$/m)
    expect(JSON.parse(await out("group describe g --json"))).toMatchObject([{ groupId: "g", offsets: [{ topic: "grouped", partition: 0, currentOffset: 3, logEndOffset: 4, lag: 1 }] }])
    expect(await out("consume grouped --group g --until-end")).toBe("4\n")
    expect(await out("group reset g --topic grouped:0 --to-offset 1 --execute")).toMatch(/^g +grouped +0 +1$/m)
    expect(await out("group --reset-offsets --group g --all-topics --shift-by -1 --dry-run")).toMatch(/^g +grouped +0 +0$/m)
    expect(await out("group reset g --all-topics --to-current --export")).toBe("grouped,0,1\n")
    expect(await out("group reset g --all-topics --to-datetime 1999-01-01T00:00:00.000")).toMatch(/ 0 +0$/m)
    expect(await out("group reset g --all-topics --by-duration PT0S")).toMatch(/ 0 +4$/m)
    expect(await out("consume grouped --group g --until-end")).toBe("2\n3\n4\n")
    const clamped = await call("group reset g --topic grouped --to-offset 99")
    expect(clamped.err).toContain("New offset (99) is higher than latest offset for topic partition grouped-0. Value will be set to 4\n")
    expect(await out("group delete g")).toBe("Deletion of requested consumer groups ('g') was successful.\n")
    expect(await call("group describe g")).toMatchObject({ exitCode: 1, out: "" })
    expect(await call("group delete g")).toMatchObject({ exitCode: 1, err: expect.stringContaining("GROUP_ID_NOT_FOUND") as string })
  })

  it("takes offsets from a file", async () => {
    const directory = mkdtempSync(join(tmpdir(), "tailrace-cli-"))
    try {
      await out("topic create filed")
      await out("produce filed", "1\n2\n3\n")
      const file = join(directory, "offsets.csv")
      writeFileSync(file, "filed,0,2\n")
      expect(await out(`group reset new-group --from-file ${file} --execute`)).toMatch(/^new-group +filed +0 +2$/m)
      expect(await out("consume filed --group new-group --until-end")).toBe("3\n")
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it("shows members, and leaves their offsets alone", async () => {
    await out("topic create busy")
    await out("produce busy", "1\n")
    const controller = new AbortController()
    let seen: () => void
    const read = new Promise<void>((resolve) => {
      seen = resolve
    })
    const member = call("consume busy --group busy-group --from-beginning", { signal: controller.signal, onOutput: () => seen() })
    await read
    expect(await out("group describe busy-group --members --verbose")).toMatch(/^busy-group +tailrace-cli-\S+ +\S+ +tailrace-cli +1 +- +busy:0 +- +-$/m)
    expect(await out("group describe busy-group --state")).toMatch(/^busy-group +localhost:\d+ +\(1\) +range +Stable +1$/m)
    expect(await call("group reset busy-group --topic busy --to-earliest --execute")).toMatchObject({
      exitCode: 1, err: expect.stringContaining("the current state is Stable\nStop its members first") as string
    })
    expect(await call("group delete busy-group")).toMatchObject({ exitCode: 1, err: expect.stringContaining("NON_EMPTY_GROUP") as string })
    controller.abort("SIGINT")
    expect(await member).toMatchObject({ exitCode: 0, out: "1\n", err: "Processed a total of 1 messages\n" })
    expect(await out("group describe busy-group")).toMatch(/^busy-group +busy +0 +1 +1 +0 /m)
  })
})

describe("config and cluster", () => {
  it("alters and describes", async () => {
    await out("topic create configured")
    expect(await out("config alter --topic configured --add-config retention.ms=5000,max.message.bytes=2000")).toBe("Completed updating config for topic configured.\n")
    expect(await out("config --describe --entity-type topics --entity-name configured")).toMatch(
      /^Dynamic configs for topic configured are:\n {2}max.message.bytes=2000 .*\n {2}retention.ms=5000 sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:retention.ms=5000, /)
    await out("config --alter --entity-type topics --entity-name configured --delete-config retention.ms")
    expect(JSON.parse(await out("config describe --topic configured --json"))).toMatchObject([{ configs: [{ name: "max.message.bytes", value: "2000" }] }])
    expect(await out("config describe --broker 1 --all")).toContain("\n  num.partitions=1 ")
    expect(await call("config alter --topic configured --add-config retention.mss=1")).toMatchObject({ exitCode: 1, err: expect.stringContaining("INVALID_CONFIG") as string })
    expect(await call("config describe --topic nothing")).toMatchObject({ exitCode: 1, err: expect.stringContaining("UNKNOWN_TOPIC_OR_PARTITION") as string })
    expect(await call("config describe --broker one")).toMatchObject({ exitCode: 2 })
    expect(await call("config describe")).toMatchObject({ exitCode: 2 })
  })

  it("describes the cluster", async () => {
    expect(JSON.parse(await out("cluster info --json"))).toMatchObject({ clusterId: node.clusterId, controllerId: 1, nodes: [{ id: 1, host: "localhost" }] })
    expect(await out("cluster cluster-id")).toBe(`Cluster ID: ${node.clusterId}\n`)
  })
})

describe("finding the cluster", () => {
  it("takes the flag before the file before the environment", async () => {
    const directory = mkdtempSync(join(tmpdir(), "tailrace-cli-"))
    try {
      const file = join(directory, "client.properties")
      writeFileSync(file, `bootstrap.servers=${node.bootstrapServers}\nkey.serializer=x\nfetch.min.bytes=1\n`)
      const elsewhere = { TAILRACE_BOOTSTRAP_SERVERS: "localhost:1" }
      expect(await call(`cluster info --bootstrap-server ${node.bootstrapServers}`, { environment: elsewhere })).toMatchObject({ exitCode: 0 })
      expect(await call(`cluster info --command-config ${file}`, { environment: elsewhere })).toMatchObject({
        exitCode: 0, err: "tailrace: these settings have no effect here: fetch.min.bytes\n"
      })
      expect(await call(`cluster info --command-config ${file} --command-property security.protocol=SASL_SSL`)).toMatchObject({
        exitCode: 2, err: "tailrace: security.protocol: SASL_SSL is not supported\nPLAINTEXT and SSL are.\n"
      })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it("gives up at once where nobody listens", async () => {
    for (const line of ["topic list", "produce t", "consume t", "consume t --group g", "group list"]) {
      expect(await call(`${line} --bootstrap-server localhost:1`)).toEqual({
        exitCode: 3, out: "", err: "tailrace: cannot connect to localhost:1: connection refused\n" +
          "Is a node running there? Start one with `npm start` or `tailrace start`, or name another with --bootstrap-server.\n"
      })
    }
    expect(await call("topic list --bootstrap-server nonsense")).toMatchObject({ exitCode: 2, err: expect.stringContaining("is not host:port") as string })
  })
})
