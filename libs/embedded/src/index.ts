export { Buses, Clients, Http, MetadataStorage, nodeLayer, NodeService, Settings, Storage } from "./layers.ts"
export { Tailrace } from "./Tailrace.ts"
export type { TailraceOptions } from "./TailraceOptions.ts"
