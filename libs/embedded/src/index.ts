export { Buses, Clients, Http, MetadataStorage, nodeLayer, NodeService, Settings, Storage } from "./layers.ts"
export { Tailrace, type TailraceOptions } from "./Tailrace.ts"
