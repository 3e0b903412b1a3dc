import { boolean, className, int, list, long, optionalNumber, text } from "../../ConfigDefinition.ts"

/** Kafka changes these while it runs; here they mean nothing, and are taken so that its tools need not care. */
const changeable = { isInert: true, dynamic: "broker" } as const

const votersFault = (voters: ReadonlyArray<string>): string | undefined => {
  const wrong = voters.find((it) => !/^\d{1,9}(@.+:\d{1,5})?$/.test(it))
  if (wrong !== undefined) return `${wrong} is neither a node id nor of the form id@host:port`
  return new Set(voters.map((it) => Number.parseInt(it, 10))).size === voters.length ? undefined : "a node is there twice"
}

/** Who a node is, how it finds the others, and what it tells about itself. */
export const clusterConfigs = {
  "process.roles": list("broker,controller", "What this node does: broker, controller, or both.", { oneOf: ["broker", "controller"], importance: "high" }),
  "node.id": int(1, "The number of this node, unique in the cluster and never given to another one.", { importance: "high" }),
  "broker.id": optionalNumber("int", "The older name of node.id; when both are set they have to agree.", { importance: "high" }),
  "cluster.id": text(null, "The cluster that this node belongs to; without a value it is the one its data directory names.", { importance: "high" }),
  "broker.rack": text(null, "The failure zone of this node. Replicas of a partition are spread over racks."),
  "controller.quorum.voters": list("", "The nodes that are the first controllers, as ids; of id@host:port only the id counts. Without a value this node is the only one.",
    { importance: "high", fault: votersFault }),
  "controller.quorum.bootstrap.servers": list("", "Where a node asks for the current controllers.", { importance: "high" }),
  "timer.profile": text("default", "Which defaults the times of the cluster have: ci gives short ones, for tests that make nodes fail.", { oneOf: ["default", "ci"] }),
  "controller.quorum.election.timeout.ms": int(500, "After what silence of the controller an election starts; each time a random time of up to as much again is added.",
    { importance: "high", min: 1 }),
  "controller.quorum.election.backoff.max.ms": int(1_000, "The longest random pause between two elections.", { isInert: true }),
  "controller.quorum.fetch.timeout.ms": int(2_000, "After what silence of the leader a voter starts an election; here controller.quorum.election.timeout.ms says so.", { isInert: true }),
  "controller.quorum.request.timeout.ms": int(1_000, "How long a node waits for an answer of the controller before it asks again.", { min: 1 }),
  "controller.quorum.append.linger.ms": int(25, "How long the controller gathers records before it writes them.", { isInert: true }),
  "controller.quorum.retry.backoff.ms": int(20, "The pause before a controller repeats a request.", { isInert: true }),
  "broker.session.timeout.ms": int(3_000, "After what silence the controller fences a broker, and a broker that hears nothing of the controller itself.", { importance: "high", min: 1 }),
  "broker.heartbeat.interval.ms": int(500, "How often a broker tells the controller that it lives.", { importance: "high", min: 1 }),
  "initial.broker.registration.timeout.ms": int(60_000, "How long a starting broker tries to register before it gives up."),
  "controlled.shutdown.enable": boolean(true, "Whether a stopping broker hands its partitions over first."),
  "metadata.log.dir": text(null, "The metadata log lies in `metadata` below it; without a value below the first data directory. A node that is alone has it beside its data.", { importance: "high" }),
  "metadata.log.segment.bytes": int(1_073_741_824, "The segment size of the metadata log.", { isInert: true }),
  "metadata.log.segment.ms": long(604_800_000, "The segment age of the metadata log.", { isInert: true }),
  "metadata.log.max.record.bytes.between.snapshots": long(20_971_520, "After how many bytes of metadata a snapshot is taken."),
  "metadata.log.max.snapshot.interval.ms": long(3_600_000, "After what time a snapshot of the metadata is taken."),
  "metadata.max.retention.bytes": long(104_857_600, "How much of the metadata log is kept behind a snapshot.", { isInert: true }),
  "metadata.max.retention.ms": long(604_800_000, "How long the metadata log is kept behind a snapshot.", { isInert: true }),
  "internal.metadata.max.batch.size.in.bytes": int(786_432, "The most that one entry of the metadata log holds; larger decisions take several. For tests alone.",
    { importance: "low", min: 1, max: 786_432 }),
  "metadata.max.idle.interval.ms": int(500, "How often an idle controller writes an empty record.", { isInert: true }),
  "auto.leader.rebalance.enable": boolean(true, "Whether leadership goes back to the preferred replica by itself."),
  "leader.imbalance.check.interval.seconds": long(300, "How often the balance of leaders is looked at.", { min: 1 }),
  "leader.imbalance.per.broker.percentage": int(10, "The share of misplaced leaders that a broker may have; here every misplaced one goes back.", { isInert: true }),
  "replica.lag.time.max.ms": long(2_000, "How long a follower may lag before it leaves the in-sync set.", { importance: "high", min: 1 }),
  "replica.fetch.max.bytes": int(1_048_576, "How much a follower asks for per partition; a batch that is larger still comes, alone.", { min: 1 }),
  "replica.fetch.min.bytes": int(1, "How much a follower waits for.", { isInert: true }),
  "replica.fetch.response.max.bytes": int(8_388_608, "How much a follower asks for at once.", { min: 1 }),
  "replica.fetch.wait.max.ms": int(500, "How long a follower's fetch may wait for records."),
  "replica.fetch.backoff.ms": int(1_000, "The pause after a failed fetch of a follower.", { isInert: true }),
  "replica.socket.timeout.ms": int(1_000, "After what time a follower takes a fetch for lost; the leader keeps one for half of it at most.", { min: 1 }),
  "replica.socket.receive.buffer.bytes": int(65_536, "The receive buffer of a follower's sockets.", { isInert: true }),
  "replica.high.watermark.checkpoint.interval.ms": long(5_000, "How often high watermarks are stored; here every commit stores them.", { isInert: true }),
  "replica.selector.class": text(null, "Chooses the replica that a consumer reads from.", { isInert: true }),
  "num.replica.fetchers": int(1, "How many threads fetch from one leader.", { ...changeable }),
  "num.network.threads": int(3, "How many threads serve sockets.", { ...changeable, min: 1 }),
  "num.io.threads": int(8, "How many threads run requests.", { ...changeable, min: 1 }),
  "num.recovery.threads.per.data.dir": int(2, "How many threads open a data directory.", { ...changeable, min: 1 }),
  "num.replica.alter.log.dirs.threads": optionalNumber("int", "How many threads move replicas between directories.", { isInert: true }),
  "background.threads": int(10, "How many threads do background work.", { ...changeable, min: 1 }),
  "metric.reporters": list("", "Classes that report metrics.", { ...changeable }),
  "metrics.num.samples": int(2, "How many samples a metric keeps.", { isInert: true, min: 1 }),
  "metrics.sample.window.ms": long(30_000, "The window of a metric's sample.", { isInert: true }),
  "metrics.recording.level": text("INFO", "How much is measured.", { isInert: true, oneOf: ["INFO", "DEBUG", "TRACE"] }),
  "auto.include.jmx.reporter": boolean(true, "Whether JMX reports metrics.", { isInert: true }),
  "telemetry.max.bytes": int(1_048_576, "The largest telemetry that a client may push.", { isInert: true }),
  "client.quota.callback.class": className(null, "Decides quotas.", { isInert: true }),
  "quota.window.num": int(11, "How many samples quotas look at.", { min: 1 }),
  "quota.window.size.seconds": int(1, "The length of a quota's sample.", { min: 1 }),
  "replication.quota.window.num": int(11, "How many samples replication quotas look at.", { isInert: true, min: 1 }),
  "replication.quota.window.size.seconds": int(1, "The length of a replication quota's sample.", { isInert: true, min: 1 }),
  "controller.quota.window.num": int(11, "How many samples quotas of the controller look at.", { isInert: true, min: 1 }),
  "controller.quota.window.size.seconds": int(1, "The length of a sample of the controller's quotas.", { isInert: true, min: 1 }),
  "leader.replication.throttled.rate": optionalNumber("long", "How many bytes in a second a leader gives to its throttled replicas.", { min: 1, dynamic: "broker" }),
  "follower.replication.throttled.rate": optionalNumber("long", "How many bytes in a second a follower takes for its throttled replicas.", { min: 1, dynamic: "broker" }),
  // kafka-reassign-partitions --verify deletes it, whether or not it was set.
  "replica.alter.log.dirs.io.max.bytes.per.second": optionalNumber("long", "How many bytes in a second move between directories.", { min: 1, dynamic: "broker", isInert: true })
}
