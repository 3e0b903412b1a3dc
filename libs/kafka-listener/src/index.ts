export { KafkaListener, type KafkaListenerOptions, type ListenAddress } from "./KafkaListener.ts"
export { defaultListenerLimits, type ListenerLimits } from "./ListenerLimits.ts"
export { ListenerMetrics } from "./ListenerMetrics.ts"
