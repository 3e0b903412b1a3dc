export { ControllerActor, type ControllerOptions } from "./ControllerActor.ts"
export { GroupShardActor, type GroupShardOptions } from "./GroupShardActor.ts"
export { Node, type NodeBuses, type NodeOptions } from "./Node.ts"
export { PartitionActor, type PartitionActorOptions } from "./PartitionActor.ts"
