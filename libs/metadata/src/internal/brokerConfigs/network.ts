import { boolean, className, int, list, long, optionalNumber, password, text } from "../../ConfigDefinition.ts"

const inert = { isInert: true } as const
const protocolMapDefault = "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT"

/** Who asks for an authorizer must not get a broker that lets everybody in. */
const unauthorizedFault = (it: string): string | undefined => it === "" ? undefined : "authorization is not supported yet"

/** Nor one that tells other brokers in the clear what it was to encrypt: they do not talk by Kafka's listeners. */
const interBrokerFault = (it: string): string | undefined =>
  it === "PLAINTEXT" ? undefined : "brokers talk to each other over NATS; nats.tls.*, or tls:// in nats.servers, encrypt that"

/** Sockets, what a request may take, and who may send it. */
export const networkConfigs = {
  "listeners": list("PLAINTEXT://localhost:9092", "Where clients connect, as name://host:port. localhost is 127.0.0.1 and ::1, an empty host is every address; port 0 is any free port.", { importance: "high" }),
  "advertised.listeners": list(null, "The addresses that clients are told; without a value those of listeners.", { importance: "high" }),
  "allow.unauthenticated.listeners": boolean(false, "Whether a listener without authentication may be reached from other machines, http.listener included.", { importance: "high" }),
  "http.listener": text("localhost:9644", "Where /metrics, /healthz and /readyz are served, as host:port; empty turns them off."),
  "listener.security.protocol.map": text(protocolMapDefault, "Which security protocol each listener name stands for."),
  "inter.broker.listener.name": text(null, "The listener that brokers use among themselves.", { fault: (it: string) => it === "" ? "a listener name is not empty" : undefined }),
  "security.inter.broker.protocol": text("PLAINTEXT", "The security protocol among brokers; here nats.tls.* say how they talk, so PLAINTEXT is all it can be.", { fault: interBrokerFault }),
  "controller.listener.names": list("", "The listeners of the controller.", { importance: "high" }),
  "early.start.listeners": list(null, "Listeners that open before the rest.", inert),
  "socket.request.max.bytes": int(104_857_600, "The largest request that is read; a larger one closes the connection.", { min: 1, importance: "high" }),
  "socket.send.buffer.bytes": int(102_400, "The send buffer of a socket.", { min: -1, ...inert }),
  "socket.receive.buffer.bytes": int(102_400, "The receive buffer of a socket.", { min: -1, ...inert }),
  "socket.listen.backlog.size": int(50, "How many connections may wait to be accepted.", { min: 1 }),
  "queued.max.requests": int(500, "How many requests may wait.", { min: 1, ...inert }),
  "queued.max.request.bytes": long(-1, "How many bytes of requests are held at once; -1 leaves it to the broker's own limit.", { min: -1 }),
  "request.timeout.ms": int(30_000, "How long a broker waits for an answer of another one.", { importance: "high" }),
  "connections.max.idle.ms": long(600_000, "After what silence a connection is closed.", { min: -1 }),
  "connection.failed.authentication.delay.ms": int(100, "The pause before a failed authentication is answered."),
  "connections.max.reauth.ms": long(0, "How long a session lasts before it has to authenticate again; 0 is for ever."),
  "max.connections": int(0x7fff_ffff, "How many connections a broker accepts.", { dynamic: "broker" }),
  "max.connections.per.ip": int(0x7fff_ffff, "How many connections one address may have.", { dynamic: "broker" }),
  "max.connections.per.ip.overrides": text("", "Other limits for single addresses, as host:count.", { dynamic: "broker" }),
  "max.connection.creation.rate": int(0x7fff_ffff, "How many connections may open in a second.", { dynamic: "broker", ...inert }),
  "fetch.max.bytes": int(57_671_680, "How much one fetch answers at most.", { min: 1024 }),
  "fetch.purgatory.purge.interval.requests": int(1_000, "How often waiting fetches are cleaned up.", inert),
  "producer.purgatory.purge.interval.requests": int(1_000, "How often waiting produces are cleaned up.", inert),
  "delete.records.purgatory.purge.interval.requests": int(1, "How often waiting deletions are cleaned up.", inert),
  "max.incremental.fetch.session.cache.slots": int(1_000, "How many fetch sessions a broker keeps."),
  "max.request.partition.size.limit": int(2_000, "How many partitions one DescribeTopicPartitions answers.", { min: 1 }),
  "authorizer.class.name": text("", "What decides who may do what; empty allows everything.", { fault: unauthorizedFault }),
  "super.users": text("", "Principals that may do everything, separated by semicolons."),
  "allow.everyone.if.no.acl.found": boolean(false, "Whether a resource without a rule is open to everybody."),
  "principal.builder.class": className(null, "Builds the principal of a connection.", inert),
  "sasl.enabled.mechanisms": list("", "The SASL mechanisms that clients may use.", { oneOf: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI"] }),
  "sasl.mechanism.inter.broker.protocol": text("PLAIN", "The SASL mechanism among brokers."),
  "sasl.mechanism.controller.protocol": text("PLAIN", "The SASL mechanism towards controllers.", inert),
  "sasl.jaas.config": password("The users of PLAIN in JAAS form."),
  "sasl.server.callback.handler.class": className(null, "Handles SASL on the server.", inert),
  "sasl.server.max.receive.size": int(524_288, "The largest SASL token that is read."),
  "sasl.oauthbearer.jwks.endpoint.url": text(null, "Where the keys are that sign tokens."),
  "sasl.oauthbearer.expected.audience": list(null, "The audiences that a token may have."),
  "sasl.oauthbearer.expected.issuer": text(null, "The issuer that a token has to have."),
  "ssl.keystore.location": text(null, "The file of the server's key and certificates."),
  "ssl.keystore.password": password("The password of that file."),
  "ssl.keystore.type": text("JKS", "The format of that file.", { oneOf: ["JKS", "PKCS12", "PEM"] }),
  "ssl.keystore.key": password("The server's private key in PEM form."),
  "ssl.keystore.certificate.chain": password("The server's certificates in PEM form."),
  "ssl.key.password": password("The password of the private key."),
  "ssl.truststore.location": text(null, "The file of the authorities that client certificates are checked with."),
  "ssl.truststore.password": password("The password of that file."),
  "ssl.truststore.type": text("JKS", "The format of that file.", { oneOf: ["JKS", "PKCS12", "PEM"] }),
  "ssl.truststore.certificates": password("Those authorities in PEM form."),
  "ssl.client.auth": text("none", "Whether clients have to show a certificate.", { oneOf: ["required", "requested", "none"] }),
  "ssl.protocol": text("TLSv1.3", "The TLS version that is preferred."),
  "ssl.enabled.protocols": list("TLSv1.2,TLSv1.3", "The TLS versions that are accepted.", { oneOf: ["TLSv1.2", "TLSv1.3"] }),
  "ssl.cipher.suites": list("", "The cipher suites that are accepted; empty leaves it to TLS."),
  "ssl.endpoint.identification.algorithm": text("https", "How the name in a server's certificate is checked."),
  "ssl.principal.mapping.rules": text("DEFAULT", "How the name in a client's certificate becomes a principal."),
  "ssl.provider": text(null, "The security provider.", inert),
  "ssl.secure.random.implementation": text(null, "The source of randomness.", inert),
  "ssl.keymanager.algorithm": text("SunX509", "The key manager.", inert),
  "ssl.trustmanager.algorithm": text("PKIX", "The trust manager.", inert),
  "quota.producer.default": optionalNumber("long", "How many bytes in a second a client may produce that has no quota of its own."),
  "quota.consumer.default": optionalNumber("long", "How many bytes in a second a client may fetch that has no quota of its own.")
}
