/** Tools of Kafka that this command does not stand for, with what comes nearest; loaded only where one of them is asked for. */
const nearestOf: Readonly<Record<string, string>> = {
  "get-offsets": "`tailrace group describe GROUP` shows the end offsets of what a group reads. ",
  "delete-records": "`tailrace config alter --topic NAME --add-config retention.ms=N` lets old records go. ",
  "broker-api-versions": "`tailrace cluster nodes` shows the nodes. ",
  "features": ""
}

/** What to do instead of the tool, or undefined where there is no such tool. */
export const insteadOf = (tool: string): string | undefined =>
  Object.hasOwn(nearestOf, tool) ? `${nearestOf[tool]}Kafka's own kafka-${tool}.sh works with a Tailrace cluster.` : undefined
