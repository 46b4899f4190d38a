import type { Issue } from '../../errors.js'

/** What Kong answers to a document it cannot take: code 14, the errors as a tree or, when asked, as a flat list by entity. */
export function describeDocumentErrors(issues: readonly Issue[], isFlat: boolean): Readonly<Record<string, unknown>> {
  const errors = issues.filter(({ severity }) => severity === 'error')
  const tree = toTree(errors)
  return {
    code: 14,
    name: 'invalid declarative configuration',
    message: `declarative config is invalid: ${JSON.stringify(tree)}`,
    ...(isFlat ? { fields: {}, flattened_errors: flatten(errors) } : { fields: tree }),
  }
}

const partsOf = (path: string): (string | number)[] =>
  [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => (index === undefined ? (name ?? '') : Number(index)))

const describe = ({ message, advice, line, column }: Issue): string =>
  `${message}${advice ? ` (${advice})` : ''}${line === undefined ? '' : ` at ${line}:${column}`}`

type Tree = { [name: string]: Tree | string }

function toTree(errors: readonly Issue[]): Tree {
  const tree: Tree = Object.create(null) as Tree
  for (const issue of errors) {
    const parts = issue.path ? partsOf(issue.path).map((part) => String(typeof part === 'number' ? part + 1 : part)) : ['@entity']
    let node = tree
    for (const part of parts.slice(0, -1)) {
      const next = node[part]
      node = typeof next === 'object' ? next : (node[part] = Object.create(null) as Tree)
    }
    const last = parts.at(-1) as string
    if (typeof node[last] !== 'object') node[last] = describe(issue)
  }
  return tree
}

interface FlatEntity {
  readonly entity_type: string
  readonly path: string
  readonly errors: { readonly field: string; readonly message: string; readonly type: 'field' }[]
}

/** `services[0].routes[1].paths[0]` is the field `paths[0]` of the route `services[0].routes[1]`. */
function flatten(errors: readonly Issue[]): readonly FlatEntity[] {
  const entities = new Map<string, FlatEntity>()
  for (const issue of errors) {
    const [, entity = '', field = ''] = /^((?:\w+\[\d+\]\.?)*)(.*)$/.exec(issue.path ?? '') ?? []
    const path = entity.replace(/\.$/, '')
    const collection = /(\w+)\[\d+\]$/.exec(path)?.[1] ?? ''
    let found = entities.get(path)
    if (!found) entities.set(path, (found = { entity_type: collection.replace(/s$/, ''), path, errors: [] }))
    found.errors.push({ field, message: describe(issue), type: 'field' })
  }
  return [...entities.values()]
}
