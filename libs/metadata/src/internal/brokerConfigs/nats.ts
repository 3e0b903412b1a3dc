import { list, password, text } from "../../ConfigDefinition.ts"

/** A name with a dot, a space or a wildcard would be other subjects than its own. */
const clusterNameFault = (it: string): string | undefined =>
  /^[A-Za-z0-9_-]{1,64}$/.test(it) ? undefined : "a cluster name has 1 to 64 letters, digits, '-' and '_'"

/** How nodes reach each other. Ours, since Kafka's nodes connect to each other directly. */
export const natsConfigs = {
  "cluster.name": text("tailrace", "The name under which the nodes of one cluster find each other; part of every NATS subject.",
    { importance: "high", fault: clusterNameFault }),
  "nats.servers": list("", "The NATS servers that connect the nodes, as nats://host:port, the nearest first; tls://host:port for those that have to offer TLS. Empty: this node is alone.", { importance: "high" }),
  "nats.data.servers": list("", "Other NATS servers for the replication of records; without a value nats.servers."),
  "nats.control.user": text(null, "The user of the account for elections, heartbeats and metadata."),
  "nats.control.password": password("The password of nats.control.user."),
  "nats.control.credentials.file": text(null, "A NATS credentials file, instead of user and password."),
  "nats.control.nkey.seed.file": text(null, "A file with the seed of an nkey, instead of user and password."),
  "nats.data.user": text(null, "The user of the account for the replication of records."),
  "nats.data.password": password("The password of nats.data.user."),
  "nats.data.credentials.file": text(null, "A NATS credentials file, instead of user and password."),
  "nats.data.nkey.seed.file": text(null, "A file with the seed of an nkey, instead of user and password."),
  "nats.tls.ca.file": text(null, "The authorities that may have signed the certificates of the NATS servers."),
  "nats.tls.cert.file": text(null, "This node's certificate for NATS."),
  "nats.tls.key.file": text(null, "The key of nats.tls.cert.file.")
}
