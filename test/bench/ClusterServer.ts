import { ProcessCluster } from "../cluster/ProcessCluster.ts"
import type { ClusterKind } from "../cluster/ClusterKind.ts"
import type { MeasuredKind, MeasuredServer, ServerId, StartOptions } from "./harness/Server.ts"

/** Three nodes of a product as one server under measurement; its price is that of all its processes, bus servers included. */
export class ClusterServer implements MeasuredKind {
  readonly id: ServerId
  readonly title: string
  #kind: ClusterKind

  constructor(kind: ClusterKind) {
    this.id = kind.id
    this.title = `3 x ${kind.title}`
    this.#kind = kind
  }

  async start(options: StartOptions): Promise<MeasuredServer> {
    const cluster = await ProcessCluster.start({ kind: this.#kind, directory: options.directory })
    return {
      id: this.id, bootstrap: cluster.bootstrap, stop: () => cluster.close(),
      tail: () => cluster.nodes.map(({ bus, process }) => [process, bus].map((it) => it === undefined ? "" : `${it.title}: ${it.lastWords}`).join("\n")).join("\n"),
      nodes: cluster.nodes.map(({ processIds: { node, bus } }) => bus === undefined ? { node } : { node, bus })
    }
  }
}
