import { describe, expect, it } from "vitest"
import {
  autoCreateTopics, BrokerConfig, brokerConfigDefinition, BrokerConfigError, brokerConfigs, describeConfigs, incrementalAlterConfigs, parseConfig,
  partitionRoles, TopicConfig, topicConfigs
} from "../src/index.ts"
import { TestCluster } from "./cluster.ts"

const problemsOf = (properties: Record<string, string>): string[] => {
  const config = BrokerConfig.fromProperties(new Map(Object.entries(properties)))
  return config instanceof BrokerConfigError ? config.problems.map((it) => it.name) : []
}

describe("the configuration tables", () => {
  it("have valid defaults and a sentence for every key", () => {
    for (const definition of [...Object.values(topicConfigs), ...Object.values(brokerConfigs)]) {
      if (definition.defaultText !== null) expect(parseConfig<any>(definition, definition.defaultText)).toMatchObject({ ok: true })
      expect(definition.doc).toMatch(/^[A-Z].*\.$/)
    }
  })

  it("give a topic key and its broker keys the same default and known names", () => {
    for (const { name, synonyms, defaultText } of Object.values(topicConfigs)) {
      const defaults = synonyms.flatMap((it) => {
        const definition = brokerConfigDefinition(it.name)
        expect(definition).toBeDefined()
        return definition?.defaultText == null ? [] : [it.factor === 1 ? definition.defaultText : String(Number(definition.defaultText) * it.factor)]
      })
      if (defaults.length > 0) expect([name, defaults]).toEqual([name, [defaultText]])
    }
  })

  it.each([
    ["retention.ms", "9223372036854775807", Number.MAX_SAFE_INTEGER],
    ["retention.ms", " 5 ", 5],
    ["retention.ms", "9223372036854775808", undefined],
    ["retention.ms", "-1", -1],
    ["retention.ms", "1.5", undefined],
    ["retention.ms", "1e3", undefined],
    ["retention.ms", "", undefined],
    ["segment.bytes", "2147483648", undefined],
    ["min.cleanable.dirty.ratio", "0.25", 0.25],
    ["min.cleanable.dirty.ratio", "1.1", undefined],
    ["preallocate", "TRUE", true],
    ["preallocate", "yes", undefined],
    ["cleanup.policy", "delete, compact", ["delete", "compact"]],
    ["cleanup.policy", "", []],
    ["cleanup.policy", "keep", undefined],
    ["message.timestamp.type", "LogAppendTime", "LogAppendTime"],
    ["message.timestamp.type", "logappendtime", undefined],
    ["remote.storage.enable", "true", undefined],
    ["leader.replication.throttled.replicas", "0:1,12:3", ["0:1", "12:3"]],
    ["leader.replication.throttled.replicas", "*", ["*"]],
    ["leader.replication.throttled.replicas", "*,0:1", undefined],
    ["follower.replication.throttled.replicas", "0-1", undefined]
  ] as const)("read %s = %j", (name, given, value) => {
    const parsed = parseConfig<any>(topicConfigs[name], given)
    expect(parsed.ok ? parsed.value : undefined).toEqual(value)
  })
})

describe("BrokerConfig", () => {
  it("has defaults that stand", () => {
    const config = BrokerConfig.of()
    expect(config.listeners).toEqual([{ name: "PLAINTEXT", host: "localhost", port: 9092, securityProtocol: "PLAINTEXT" }])
    expect(config.advertisedListeners).toEqual(config.listeners)
    expect([config.nodeId, config.dataDirectory, config.minInsyncReplicas, config.get("log.retention.hours"), config.get("log.retention.ms")])
      .toEqual([1, "./data", 0, 168, undefined])
  })

  it("keeps the metadata log apart from the data", () => {
    const directoryOf = (properties: Record<string, string>): string => BrokerConfig.of(properties).metadataDirectory
    expect([directoryOf({ "log.dirs": "a" }), directoryOf({ "log.dir": "a", "metadata.log.dir": "m" })]).toEqual(["a/metadata", "m/metadata"])
  })

  it("reads listeners", () => {
    const config = BrokerConfig.of({
      "listeners": "INSIDE://0.0.0.0:9092,outside://[::1]:0,CONTROLLER://:9093", "controller.listener.names": "CONTROLLER",
      "listener.security.protocol.map": "INSIDE:PLAINTEXT,OUTSIDE:SASL_SSL,CONTROLLER:PLAINTEXT"
    })
    expect(config.listeners.map((it) => [it.name, it.host, it.port, it.securityProtocol]))
      .toEqual([["INSIDE", "0.0.0.0", 9092, "PLAINTEXT"], ["OUTSIDE", "::1", 0, "SASL_SSL"], ["CONTROLLER", "", 9093, "PLAINTEXT"]])
    expect(config.advertisedListeners.map((it) => it.name)).toEqual(["INSIDE", "OUTSIDE"])
  })

  it("lists every mistake at once", () => {
    expect(problemsOf({ "log.retentoin.ms": "1", "num.partitions": "0", "node.id": "x", "compression.type": "zip" }))
      .toEqual(["log.retentoin.ms", "num.partitions", "node.id", "compression.type"])
  })

  it.each([
    [{ listeners: "PLAINTEXT:9092" }, ["listeners"]],
    [{ listeners: "PLAINTEXT://:99999" }, ["listeners"]],
    [{ listeners: "OTHER://:9092" }, ["listeners"]],
    [{ listeners: "PLAINTEXT://:9092,PLAINTEXT://:9093" }, ["listeners"]],
    [{ listeners: "PLAINTEXT://:9092,SSL://:9092" }, ["listeners"]],
    [{ listeners: "" }, ["listeners"]],
    [{ "advertised.listeners": "SSL://host:1" }, ["advertised.listeners"]],
    [{ "advertised.listeners": "PLAINTEXT://0.0.0.0:9092" }, ["advertised.listeners"]],
    [{ "listener.security.protocol.map": "PLAINTEXT:HTTP" }, ["listeners"]],
    [{ "log.dirs": "/a,/b" }, ["log.dirs"]],
    [{ "log.cleanup.policy": "compact" }, ["log.cleanup.policy"]],
    [{ "log.cleanup.policy": "delete" }, []],
    [{ "security.inter.broker.protocol": "SSL" }, ["security.inter.broker.protocol"]],
    [{ "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer" }, ["authorizer.class.name"]],
    [{ "node.id": "1", "broker.id": "2" }, ["broker.id"]],
    [{ "group.min.session.timeout.ms": "9", "group.max.session.timeout.ms": "8" }, ["group.min.session.timeout.ms"]],
    [{ "listener.name.outside.ssl.keystore.location": "/x", "listener.name.outside.plain.sasl.jaas.config": "y" }, []],
    [{ "listener.name.outside.log.dirs": "/x" }, ["listener.name.outside.log.dirs"]],
    [{ "constructor": "1", "toString": "2" }, ["constructor", "toString"]],
    [{ "controller.quorum.voters": "1,2@host:9093,3" }, []],
    [{ "controller.quorum.voters": "1,one@host:9093" }, ["controller.quorum.voters"]],
    [{ "controller.quorum.voters": "1@a:1,1@b:1" }, ["controller.quorum.voters"]],
    [{ "cluster.name": "a.b" }, ["cluster.name"]],
    [{ "process.roles": "" }, ["process.roles"]],
    [{ "process.roles": "broker,zookeeper" }, ["process.roles"]],
    [{ "timer.profile": "fast" }, ["timer.profile"]],
    [{ "timer.profile": "ci", "broker.heartbeat.interval.ms": "2000" }, ["broker.heartbeat.interval.ms"]]
  ])("judges %j", (properties, problems) => {
    expect(problemsOf(properties as Record<string, string>)).toEqual(problems)
  })

  it("reads voters with and without addresses, and takes a lone node for its own only voter", () => {
    expect(BrokerConfig.of({ "controller.quorum.voters": "3, 1@host:9093,2@[::1]:9093" }).quorumVoterIds).toEqual([3, 1, 2])
    expect(BrokerConfig.of({ "node.id": "7" }).quorumVoterIds).toEqual([7])
    expect(BrokerConfig.of({ "process.roles": "broker" }).hasRole("controller")).toBe(false)
  })

  it("takes the defaults of times from the profile, and what is set over them", () => {
    const session = (properties: Record<string, string>) => {
      const config = BrokerConfig.of(properties)
      const shown = describeConfigs(new TestCluster().image, config, {
        resources: [{ resourceType: 4, resourceName: "1", configurationKeys: ["broker.session.timeout.ms"] }], includeSynonyms: false, includeDocumentation: false
      }).results[0]!.configs[0]!
      return [config.get("broker.session.timeout.ms"), shown.value, shown.configSource]
    }
    expect(session({})).toEqual([3000, "3000", 5])
    expect(session({ "timer.profile": "ci" })).toEqual([1000, "1000", 5])
    expect(session({ "timer.profile": "ci", "broker.session.timeout.ms": "1500" })).toEqual([1500, "1500", 4])
  })

  it("does not put a password into a message", () => {
    const error = BrokerConfig.fromProperties(new Map([["ssl.keystore.password", "secret"], ["nonsense", "1"]])) as BrokerConfigError
    expect(error.message).not.toContain("secret")
  })
})

describe("describeConfigs", () => {
  const cluster = new TestCluster([1], { "log.retention.hours": "2", "ssl.keystore.password": "secret", "log.segment.bytes": "5000" })
  cluster.apply(autoCreateTopics(cluster.image, ["t"], cluster.context))
  const set = (resourceType: number, resourceName: string, name: string, value: string) => cluster.apply(incrementalAlterConfigs(cluster.image, {
    validateOnly: false, resources: [{ resourceType, resourceName, configs: [{ name, configOperation: 0, value }] }]
  }, cluster.context))
  set(2, "t", "max.message.bytes", "77")
  set(4, "", "log.segment.bytes", "6000")
  set(4, "1", "log.roll.ms", "50")
  const ask = (resourceType: number, resourceName: string, configurationKeys: string[] | null = null) => describeConfigs(cluster.image, cluster.config, {
    resources: [{ resourceType, resourceName, configurationKeys }], includeSynonyms: true, includeDocumentation: true
  }).results[0]!
  const shown = (type: number, name: string, key: string) => {
    const [config] = ask(type, name, [key]).configs
    return [config?.value, config?.configSource, config?.readOnly, config?.synonyms?.map((it) => [it.name, it.value, it.source])]
  }

  it("shows a broker under any spelling of its number, and what weaker keys have behind a key's own value", () => {
    expect([ask(4, "01").errorCode, ask(4, "1 ").errorCode, ask(4, "-1").errorCode]).toEqual([0, 42, 42])
    expect(shown(4, "1", "log.roll.ms")).toEqual(["50", 2, false, [["log.roll.ms", "50", 2], ["log.roll.hours", "168", 5]]])
    expect(shown(4, "1", "log.retention.ms")).toEqual([null, 5, false, []])
  })

  it("shows every topic key with its source and synonyms", () => {
    expect(ask(2, "t").configs.map((it) => it.name).toSorted()).toEqual(Object.keys(topicConfigs).toSorted())
    expect(shown(2, "t", "max.message.bytes")).toEqual(["77", 1, false, [["max.message.bytes", "77", 1], ["message.max.bytes", "1048588", 5]]])
    expect(shown(2, "t", "retention.ms")).toEqual(["7200000", 4, false, [["log.retention.hours", "2", 4], ["log.retention.hours", "168", 5]]])
    expect(shown(2, "t", "segment.bytes")).toEqual(["6000", 3, false,
      [["log.segment.bytes", "6000", 3], ["log.segment.bytes", "5000", 4], ["log.segment.bytes", "1073741824", 5]]])
    expect(shown(2, "t", "segment.ms")).toEqual(["50", 2, false, [["log.roll.ms", "50", 2], ["log.roll.hours", "168", 5]]])
    expect(shown(2, "t", "cleanup.policy")).toEqual(["delete", 5, false, [["log.cleanup.policy", "delete", 5]]])
    expect(shown(2, "t", "min.insync.replicas")).toEqual(["1", 5, false, [["min.insync.replicas", "1", 5]]])
  })

  it("shows this broker's keys, read-only ones as such and secrets never", () => {
    expect(shown(4, "1", "log.segment.bytes")).toEqual(["6000", 3, false, [["log.segment.bytes", "6000", 3], ["log.segment.bytes", "5000", 4], ["log.segment.bytes", "1073741824", 5]]])
    expect(shown(4, "1", "node.id").slice(0, 3)).toEqual(["1", 4, true])
    const secret = ask(4, "1", ["ssl.keystore.password"]).configs[0]!
    expect([secret.value, secret.isSensitive, secret.synonyms?.[0]?.value, secret.configType]).toEqual([null, true, null, 9])
    expect(JSON.stringify(ask(4, "1"))).not.toContain("secret\"")
    expect(ask(4, "").configs.map((it) => [it.name, it.value, it.configSource])).toEqual([["log.segment.bytes", "6000", 3]])
  })

  it.each([[2, "x", 3], [2, "x y", 17], [4, "2", 42], [8, "1", 42]])("refuses resource %i %s with %i", (type, name, errorCode) => {
    expect(ask(type, name)).toMatchObject({ errorCode, configs: [] })
    // Any longer, and the answer could not be written.
    expect(ask(type, name.repeat(32_000)).errorMessage?.length).toBeLessThan(2_000)
  })

  it("agrees with the typed configuration", () => {
    const config = TopicConfig.of(cluster.image, cluster.config, "t")
    expect([config.get("max.message.bytes"), config.get("retention.ms"), config.get("segment.bytes"), config.get("segment.ms"), config.isCompacted, config.usesLogAppendTime])
      .toEqual([77, 7_200_000, 6000, 50, false, false])
  })
})

describe("min.insync.replicas", () => {
  const minIsr = (brokers: number[], properties: Record<string, string>): number => {
    const cluster = new TestCluster(brokers, { "default.replication.factor": String(brokers.length), ...properties })
    cluster.apply(autoCreateTopics(cluster.image, ["t"], cluster.context))
    const topic = cluster.image.topic("t")!
    const shown = describeConfigs(cluster.image, cluster.config, { resources: [{ resourceType: 2, resourceName: "t", configurationKeys: ["min.insync.replicas"] }], includeSynonyms: false, includeDocumentation: false })
    const { minIsr: effective } = partitionRoles(cluster.image, cluster.config, topic, topic.partitions[0]!)
    expect(Math.min(Number(shown.results[0]!.configs[0]!.value), brokers.length)).toBe(effective)
    return effective
  }
  it.each([
    [[1], {}, 1], [[1, 2], {}, 1], [[1, 2, 3], {}, 2], [[1, 2, 3, 4], {}, 2],
    [[1, 2, 3], { "min.insync.replicas": "1" }, 1], [[1, 2], { "min.insync.replicas": "3" }, 2]
  ] as const)("of brokers %j with %j is %i", (brokers, properties, expected) => {
    expect(minIsr([...brokers], properties)).toBe(expected)
  })
})
