/**
 * The strongly connected components of a directed graph that have more than one node, in linear time and without recursion.
 * An edge is two numbers, one in each list.
 */
export const stronglyConnected = (
  nodeCount: number, from: ReadonlyArray<number>, to: ReadonlyArray<number>
): ReadonlyArray<ReadonlyArray<number>> => {
  const { starts, targets } = adjacency(nodeCount, from, to)
  const order = new Int32Array(nodeCount).fill(-1)
  const low = new Int32Array(nodeCount)
  const isOnStack = new Uint8Array(nodeCount)
  const nextEdge = Int32Array.from(starts.subarray(0, nodeCount))
  const stack: Array<number> = []
  const components: Array<ReadonlyArray<number>> = []
  let count = 0
  const enter = (node: number, path: Array<number>): void => {
    order[node] = low[node] = count++
    isOnStack[node] = 1
    stack.push(node)
    path.push(node)
  }
  const leave = (node: number): void => {
    if (low[node] !== order[node]) return
    const members: Array<number> = []
    for (let member = -1; member !== node;) {
      member = stack.pop() as number
      isOnStack[member] = 0
      members.push(member)
    }
    if (members.length > 1) components.push(members)
  }
  for (let root = 0; root < nodeCount; root++) {
    if (order[root] !== -1) continue
    const path: Array<number> = []
    enter(root, path)
    while (path.length > 0) {
      const node = path.at(-1) as number
      const edge = nextEdge[node] as number
      if (edge < (starts[node + 1] as number)) {
        nextEdge[node] = edge + 1
        const target = targets[edge] as number
        if (order[target] === -1) enter(target, path)
        else if (isOnStack[target] === 1) low[node] = Math.min(low[node] as number, order[target] as number)
        continue
      }
      path.pop()
      const parent = path.at(-1)
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number)
      leave(node)
    }
  }
  return components
}

const adjacency = (
  nodeCount: number, from: ReadonlyArray<number>, to: ReadonlyArray<number>
): { readonly starts: Int32Array; readonly targets: Int32Array } => {
  const starts = new Int32Array(nodeCount + 1)
  for (const node of from) starts[node + 1] = (starts[node + 1] as number) + 1
  for (let node = 0; node < nodeCount; node++) starts[node + 1] = (starts[node + 1] as number) + (starts[node] as number)
  const place = Int32Array.from(starts)
  const targets = new Int32Array(from.length)
  for (let edge = 0; edge < from.length; edge++) {
    const node = from[edge] as number
    targets[place[node] as number] = to[edge] as number
    place[node] = (place[node] as number) + 1
  }
  return { starts, targets }
}
