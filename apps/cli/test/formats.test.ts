import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ConsumerRecord, GroupDescription } from "@tailrace/client"
import { describe, expect, it } from "vitest"
import { describeEntity } from "../src/commands/config.ts"
import { listLines } from "../src/commands/group.ts"
import { memberLines, offsetLines, stateLines } from "../src/commands/groupDescribe.ts"
import { resetLines } from "../src/commands/groupReset.ts"
import { describeTopic } from "../src/commands/topicDescribe.ts"
import { InputFormat } from "../src/internal/InputFormat.ts"
import { LineSplitter } from "../src/internal/LineSplitter.ts"
import { nearest } from "../src/internal/nearest.ts"
import { offsetsFromCsv, offsetsToCsv } from "../src/internal/offsetsCsv.ts"
import { OutputFormat, recordAsJson } from "../src/internal/OutputFormat.ts"
import { parsePairs, selectNames } from "../src/internal/texts.ts"
import { parseDateTime, parseDuration } from "../src/internal/times.ts"

const record: ConsumerRecord = {
  topic: "orders", partition: 1, offset: 7, timestamp: 1_700_000_000_000, timestampType: "CreateTime", leaderEpoch: 4,
  key: Buffer.from("k"), value: Buffer.from("v"), headers: [{ key: "a", value: Buffer.from("1") }, { key: "b", value: null }]
}

const member = {
  memberId: "m-1", groupInstanceId: null, clientId: "c-1", host: "/127.0.0.1",
  assignment: [{ topic: "orders", partition: 1 }, { topic: "orders", partition: 0 }, { topic: "a", partition: 0 }]
}

const group: GroupDescription = {
  groupId: "billing", state: "Stable", protocolType: "consumer", partitionAssignor: "range", coordinator: 1, members: [member], error: undefined
}

describe("what Kafka's tools print", () => {
  it("topics", () => {
    const partition = { partition: 0, errorCode: 0, leader: 1, leaderEpoch: 0, replicas: [1, 2], isr: [1], offlineReplicas: [], elr: undefined, lastKnownElr: undefined }
    const topic = {
      name: "orders", topicId: "id", errorCode: 0, isInternal: false, error: undefined,
      partitions: [partition, { ...partition, partition: 1, leader: -1, isr: [], elr: [2, 1], lastKnownElr: [] }]
    }
    expect(describeTopic({ topic, configs: [] }, undefined)).toBe(
      "Topic: orders\tTopicId: id\tPartitionCount: 2\tReplicationFactor: 2\tConfigs: \n" +
      "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1\tElr: N/A\tLastKnownElr: N/A\n" +
      "\tTopic: orders\tPartition: 1\tLeader: none\tReplicas: 1,2\tIsr: \tElr: 2,1\tLastKnownElr: \n")
    expect(describeTopic({ topic, configs: [] }, ({ leader }) => leader < 0)).toBe(
      "\tTopic: orders\tPartition: 1\tLeader: none\tReplicas: 1,2\tIsr: \tElr: 2,1\tLastKnownElr: \n")
  })

  it("groups", () => {
    const rows = [
      { topic: "orders", partition: 0, currentOffset: 3, leaderEpoch: 1, logEndOffset: 10, lag: 7, member },
      { topic: "orders", partition: 1, currentOffset: null, leaderEpoch: null, logEndOffset: 4, lag: null, member: undefined }
    ]
    expect(offsetLines("billing", rows, false)).toBe("\n" +
      "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID\n" +
      "billing         orders          0          3               10              7               m-1             /127.0.0.1      c-1\n" +
      "billing         orders          1          -               4               -               -               -               -\n")
    expect(offsetLines("billing", rows, true).split("\n")[1]).toBe(
      "GROUP           TOPIC           PARTITION  LEADER-EPOCH    CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID")
    expect(memberLines(group, false).trimEnd()).toBe("\n" +
      "GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS\n" +
      "billing         m-1             /127.0.0.1      c-1             3")
    expect(memberLines(group, true)).toContain("3               -               a:0;orders:0,1       -               -\n")
    expect(memberLines({ ...group, members: [{ ...member, groupInstanceId: "one" }] }, false)).toContain("m-1             one               /127.0.0.1")
    expect(stateLines(group, "localhost:9092  (1)", false)).toBe("\n" +
      "GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS\n" +
      "billing         localhost:9092  (1)       range                Stable               1\n")
    expect(listLines([{ groupId: "billing", type: "classic", state: "Empty" }], true, true)).toBe(
      "GROUP                     TYPE                 STATE\nbilling                   Classic              Empty\n")
    expect(resetLines([{ group: "billing", topic: "orders", partition: 0, offset: 5 }])).toBe("\n" +
      "GROUP                          TOPIC                          PARTITION  NEW-OFFSET\n" +
      "billing                        orders                         0          5\n")
  })

  it("more rows than a call can have arguments", () => {
    const groups = Array.from({ length: 200_000 }, (_, index) => ({ groupId: `group-${index}`, type: "classic", state: "Empty" }))
    expect(listLines(groups, true, true).split("\n").length).toBe(groups.length + 2)
  })

  it("configurations", () => {
    const entry = { name: "retention.ms", value: "1", source: "DYNAMIC_TOPIC_CONFIG", isDefault: false, isReadOnly: false, isSensitive: false, documentation: null }
    const entries = [
      { ...entry, synonyms: [{ name: "retention.ms", value: "1", source: "DYNAMIC_TOPIC_CONFIG" }, { name: "log.retention.hours", value: "168", source: "DEFAULT_CONFIG" }] },
      { ...entry, name: "flush.ms", source: "DEFAULT_CONFIG", synonyms: [] }
    ]
    expect(describeEntity({ type: "topic", name: "orders", error: undefined, entries }, false)).toBe("Dynamic configs for topic orders are:\n" +
      "  retention.ms=1 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=1, DEFAULT_CONFIG:log.retention.hours=168}\n")
    expect(describeEntity({ type: "broker", name: "", error: undefined, entries: [] }, false)).toBe("Default configs for brokers in the cluster are:\n")
    expect(describeEntity({ type: "topic", name: "orders", error: undefined, entries }, true)).toContain("All configs for topic orders are:\n  flush.ms=1")
  })

  it.each<[Record<string, string>, string]>([
    [{}, "v\n"],
    [{ "print.key": "true" }, "k\tv\n"],
    [{ "print.key": "true", "key.separator": ": ", "line.separator": "|" }, "k: v|"],
    [{ "print.timestamp": "true", "print.partition": "true", "print.offset": "true", "print.epoch": "true", "print.headers": "true", "print.key": "true" },
      "CreateTime:1700000000000\tPartition:1\tOffset:7\tEpoch:4\ta:1,b:null\tk\tv\n"],
    [{ "print.value": "false", "print.key": "true", "null.literal": "-" }, "k\n"]
  ])("records with %o", (properties, expected) => {
    expect(new OutputFormat(Object.entries(properties)).format([record]).toString()).toBe(expected)
  })

  it("records of other types, and bytes that are no text", () => {
    const long = Buffer.from([0, 0, 0, 0, 0, 0, 1, 2])
    const of = (name: string, value: Buffer | null) =>
      new OutputFormat([["value.deserializer", name]]).format([{ ...record, value }]).toString()
    expect(of("org.apache.kafka.common.serialization.LongDeserializer", long)).toBe("258\n")
    expect(of("Long", Buffer.from("x"))).toBe("<1 bytes instead of 8>\n")
    expect(of("String", null)).toBe("null\n")
    expect(new OutputFormat([]).format([{ ...record, value: Buffer.from([0xff, 0xfe]) }])).toEqual(Buffer.from([0xff, 0xfe, 0x0a]))
    expect(() => new OutputFormat([["print.keys", "true"]])).toThrow(expect.objectContaining({ advice: "Did you mean print.key?" }) as Error)
    expect(JSON.parse(recordAsJson({ ...record, value: Buffer.from([0xff]), headers: [] }))).toEqual({
      topic: "orders", partition: 1, offset: 7, timestamp: 1_700_000_000_000, timestampType: "CreateTime", key: "k", value: "/w==", headers: [], valueEncoding: "base64"
    })
  })
})

describe("what is read", () => {
  it("lines, wherever chunks end", () => {
    const text = "one\r\n\ntwo é\nthree"
    for (let size = 1; size <= text.length; size++) {
      const bytes = Buffer.from(text)
      const splitter = new LineSplitter()
      const lines: Array<Buffer | undefined> = []
      for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)))
      lines.push(splitter.end())
      expect(lines.map(String)).toEqual(["one", "", "two é", "three"])
    }
    const ended = new LineSplitter()
    expect(ended.push(Buffer.from("a\n")).map(String)).toEqual(["a"])
    expect(ended.end()).toBeUndefined()
  })

  it.each<[Record<string, string>, string, unknown]>([
    [{}, "a:b", { key: null, value: "a:b", headers: [] }],
    [{ "parse.key": "true", "key.separator": ":" }, "a:b:c", { key: "a", value: "b:c", headers: [] }],
    [{ "parse.key": "true", "key.separator": "\\t" }, "a\tb", { key: "a", value: "b", headers: [] }],
    [{ "parse.key": "true", "key.separator": ":", "null.marker": "NULL" }, "a:NULL", { key: "a", value: null, headers: [] }],
    [{ "parse.key": "true", "ignore.error": "true" }, "ab", { key: null, value: "ab", headers: [] }],
    [{ "parse.key": "true", "parse.headers": "true" }, "x:1,y:2\ta\tb", { key: "a", value: "b", headers: [["x", "1"], ["y", "2"]] }]
  ])("records with %o", (properties, line, expected) => {
    const { headers, key, value } = new InputFormat(Object.entries(properties)).read(Buffer.from(line))
    expect({ key: key?.toString() ?? null, value: value?.toString() ?? null, headers: headers.map((it) => [it.key, it.value?.toString() ?? null]) }).toEqual(expected)
  })

  it("says in which line a separator is missing", () => {
    const format = new InputFormat([["parse.key", "true"]])
    format.read(Buffer.from("a\tb"))
    expect(() => format.read(Buffer.from("ab"))).toThrow("no key separator found on line number 2: 'ab'")
  })

  it("pairs, names, times and durations", () => {
    expect(parsePairs("--add-config", "a=1,b=[2,3],c=x=y")).toEqual([["a", "1"], ["b", "2,3"], ["c", "x=y"]])
    expect(() => parsePairs("--add-config", "a")).toThrow("--add-config is written key=value, not \"a\"")
    expect(selectNames(["a", "ab", "a.b"], ["a", "a.*", "x"])).toEqual({ selected: ["a", "ab", "a.b"], missing: ["x"] })
    expect(selectNames(["aXb", "a.b"], ["a.b"]).selected).toEqual(["a.b"])
    expect(parseDateTime("1970-01-01T00:00:01.500")).toBe(1_500)
    expect(parseDateTime("1970-01-01T02:00:00+0200")).toBe(0)
    expect(parseDateTime("1970-01-02")).toBe(86_400_000)
    expect(() => parseDateTime("yesterday")).toThrow("is not a time")
    expect(parseDuration("P1DT1H1M1.5S")).toBe(90_061_500)
    for (const wrong of ["", "P", "PT", "1H", "P1DT"]) expect(() => parseDuration(wrong)).toThrow("is not a duration")
    expect(nearest("log.retention.hour", ["log.retention.hours", "log.retention.ms"])).toBe("log.retention.hours")
    expect(nearest("qqqq", ["topic", "group"])).toBeUndefined()
  })

  it("offsets as CSV, which come back as they were written", () => {
    const directory = mkdtempSync(join(tmpdir(), "tailrace-cli-"))
    try {
      const path = join(directory, "offsets.csv")
      const offsets = [{ group: "my, \"group\"", topic: "orders", partition: 0, offset: 12 }, { group: "b", topic: "a.b", partition: 3, offset: 0 }]
      writeFileSync(path, offsetsToCsv(offsets, true))
      expect(offsetsFromCsv(path, true)).toEqual(offsets)
      expect(offsetsToCsv(offsets, false)).toBe("orders,0,12\na.b,3,0\n")
      writeFileSync(path, "orders,0,12\norders,x,1\n")
      expect(() => offsetsFromCsv(path, false)).toThrow(`${path} line 2: "orders,x,1" is not topic,partition,offset`)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
