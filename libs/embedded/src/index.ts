export { Buses, Clients, Http, MetadataStorage, nodeLayer, NodeService, Settings, Storage } from "./layers.ts"
export { StartError } from "./StartError.ts"
export { Tailrace } from "./Tailrace.ts"
export type { TailraceOptions } from "./TailraceOptions.ts"
