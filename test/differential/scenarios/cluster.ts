import type { Scenario } from "../Scenario.ts"

/** ApiVersions and DescribeCluster. */
export const cluster: Scenario = {
  name: "cluster",
  when: "first",
  async run(peer) {
    await peer.askAll("plain", "ApiVersions", { clientSoftwareName: "differential", clientSoftwareVersion: "1.0" })
    for (const [name, version] of [["", ""], ["", "1"], ["a", ""], ["has space", "1"], ["-a", "1"], ["a-", "1"], ["a.b-c", "1.2-3"], ["é", "1"], ["a", "1 0"], ["a_b", "1"]] as const) {
      await peer.ask(`software "${name}" "${version}"`, "ApiVersions", 3, { clientSoftwareName: name, clientSoftwareVersion: version })
    }
    for (const endpointType of [0, 1, 2, 3, -1]) {
      await peer.askAll(`endpoint type ${endpointType}`, "DescribeCluster", { includeClusterAuthorizedOperations: false, endpointType })
    }
    await peer.askAll("authorized operations", "DescribeCluster", { includeClusterAuthorizedOperations: true })
    await peer.askAll("fenced brokers", "DescribeCluster", { includeClusterAuthorizedOperations: false, includeFencedBrokers: true })
  }
}
