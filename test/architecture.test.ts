import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../src', import.meta.url))

/** A room imports only rooms of lower rank. */
const RANKS: Record<string, number> = {
  errors: 0,
  host: 0,
  'package-root': 0,
  config: 1,
  http: 1,
  trace: 1,
  jwt: 2,
  kong: 2,
  profile: 3,
  client: 4,
  gateway: 5,
  idp: 5,
  probe: 5,
  lab: 6,
  render: 6,
  cli: 7,
  index: 7,
  main: 8,
}

/** Where each third-party package lives; a package in no list is not used at all. */
const HOMES: Record<string, readonly string[]> = {
  commander: ['cli'],
  open: ['cli/process-host.ts'],
  '@clack/prompts': ['cli'],
  '@bomb.sh/tab': ['cli'],
  chalk: ['render'],
  'cli-table3': ['render'],
  xmlbuilder2: ['render'],
  uqr: ['client/grants/device-code.ts', 'cli'],
  'openid-client': ['client'],
  'tough-cookie': ['client', 'probe', 'lab'],
  'write-file-atomic': ['client', 'profile', 'cli', 'lab'],
  '@napi-rs/keyring': ['client/store'],
  'oidc-provider': ['idp'],
  undici: ['cli/process-host.ts', 'gateway/upstream', 'gateway/provider', 'probe'],
  ioredis: ['gateway'],
  'lru-cache': ['gateway', 'jwt'],
  yaml: ['config', 'kong', 'profile', 'probe', 'lab'],
  zod: ['config', 'kong', 'profile', 'probe'],
  jose: ['jwt', 'client', 'gateway/plugins/openid-connect/session', 'probe/attacks', 'idp'],
  'jsonpath-rfc9535': ['probe'],
  ajv: ['probe'],
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/'))

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s*['"]([^'"]+)['"]/g

interface Edge {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const edges: Edge[] = files.flatMap((from) => {
  const text = readFileSync(resolve(root, from), 'utf8')
  return [...text.matchAll(IMPORT)].map(([whole, a, b, c]) => ({
    from,
    to: (a ?? b ?? c) as string,
    typeOnly: /^\s*(import|export) type\b/.test(whole),
  }))
})

const room = (file: string): string => (file.split('/')[0] ?? '').replace(/\.ts$/, '')

const inside = edges
  .filter(({ to }) => to.startsWith('.'))
  .map((edge) => ({
    ...edge,
    to: relative(root, resolve(root, dirname(edge.from), edge.to))
      .replaceAll('\\', '/')
      .replace(/\.js$/, '.ts'),
  }))

describe('the house', () => {
  test('every room has a rank', () => {
    expect(files.map(room).filter((name) => !(name in RANKS))).toEqual([])
  })

  test('a room imports only rooms of lower rank', () => {
    const wrong = inside.filter(
      ({ from, to }) => room(from) !== room(to) && !to.startsWith('..') && (RANKS[room(to)] ?? 99) >= (RANKS[room(from)] ?? -1),
    )
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
  })

  test('gateway, idp and probe never import one another', () => {
    const trio = new Set(['gateway', 'idp', 'probe'])
    expect(inside.filter(({ from, to }) => room(from) !== room(to) && trio.has(room(from)) && trio.has(room(to)))).toEqual([])
  })

  test('third-party packages stay at home', () => {
    const builtin = new Set(builtinModules)
    const outside = edges.filter(({ to }) => !to.startsWith('.') && !to.startsWith('node:') && !builtin.has(to))
    const wrong = outside.filter(({ from, to }) => {
      const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/')[0] ?? '')
      return !(HOMES[name] ?? []).some((home) => from === home || from.startsWith(`${home}/`))
    })
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([])
  })

  test('no module imports itself through others', () => {
    const graph = new Map<string, string[]>()
    for (const { from, to, typeOnly } of inside) if (!typeOnly) graph.set(from, [...(graph.get(from) ?? []), to])
    const state = new Map<string, 'open' | 'done'>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return
      if (state.get(file) === 'open') {
        circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
        return
      }
      state.set(file, 'open')
      for (const next of graph.get(file) ?? []) visit(next, [...path, file])
      state.set(file, 'done')
    }
    for (const file of files) visit(file, [])
    expect(circles).toEqual([])
  })
})

describe('the tests', () => {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const hook = /^( *)beforeAll\(.*(?:\n(?:\1 .*|(?=\n)))*/gm // with all lines that stand deeper

  /** Vitest never calls an `afterAll` that a running hook registers: what should be closed there stays open. */
  test('no afterAll is registered inside a beforeAll', () => {
    const wrong = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== 'architecture.test.ts')
      .filter((file) =>
        [...readFileSync(resolve(folder, file), 'utf8').matchAll(hook)].some(([body]) => /\bafterAll\b|\buntilAll\(/.test(body)),
      )
    expect(wrong, 'use untilAll() of test/support/until-all.ts').toEqual([])
  })
})

interface Metafile {
  readonly outputs: Record<
    string,
    { entryPoint?: string; imports: { path: string; kind: string; external?: boolean }[]; inputs: Record<string, unknown> }
  >
}

describe('start-up (from the bundle)', () => {
  const HEAVY = [
    'undici',
    'jose',
    'openid-client',
    'open',
    'cli-table3',
    'zod',
    'yaml',
    'chalk',
    'oidc-provider',
    'ioredis',
    'lru-cache',
    'tough-cookie',
  ]
  const { outputs } = JSON.parse(readFileSync(resolve(root, '../dist/metafile.json'), 'utf8')) as Metafile

  const closure = (start: string): { packages: string[]; inputs: string[] } => {
    const seen = new Set<string>()
    const packages = new Set<string>()
    const queue = [start]
    for (const file of queue) {
      if (seen.has(file)) continue
      seen.add(file)
      for (const { path, kind, external } of outputs[file]?.imports ?? []) {
        if (kind !== 'import-statement') continue
        if (external) packages.add(path.startsWith('@') ? path : (path.split('/')[0] ?? path))
        else queue.push(path)
      }
    }
    return { packages: [...packages], inputs: [...seen].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {})) }
  }
  const outputWith = (input: string): string | undefined => Object.keys(outputs).find((file) => input in (outputs[file]?.inputs ?? {}))

  /** The launcher and the commands that scripts run in loops. */
  const WHOLE = ['src/main.ts', ...['decode', 'token', 'verify'].map((name) => `src/cli/commands/${name}.ts`)]

  test('the error class is in one file only, so that every build knows the others’ errors', () => {
    expect(Object.keys(outputs).filter((file) => 'src/errors.ts' in (outputs[file]?.inputs ?? {}))).toEqual(['dist/errors.js'])
  })

  test.for(WHOLE)('%s is one file', (input) => {
    const output = Object.values(outputs).find(({ entryPoint }) => entryPoint === input)
    expect(output?.imports.filter(({ kind, external }) => kind === 'import-statement' && !external)).toEqual([])
  })

  test.for(WHOLE)('%s loads none of the heavy packages', (input) => {
    const output = outputWith(input)
    expect(output, `${input} is in the bundle`).toBeDefined()
    const { packages, inputs } = closure(output as string)
    expect(packages.filter((name) => HEAVY.includes(name))).toEqual([])
    expect(inputs.filter((file) => file.includes('node_modules') && !file.includes('/commander/'))).toEqual([])
  })
})
