import { startProtected, type Answer, type ProtectedOptions } from '../../../support/protected-gateway.js'
import { startScriptedProvider } from '../../../support/scripted-provider.js'
import type { FieldRow, Seen } from './row.js'

const ARMS = ['default', 'changed'] as const
type Arm = (typeof ARMS)[number]

/** What the two arms of a row came to. */
export type Observed = Readonly<Record<Arm, unknown>>

export interface Stage {
  play(row: FieldRow): Promise<Observed>
  close(): Promise<void>
}

export interface StageOptions extends Pick<ProtectedOptions, 'certificates'> {
  /** A Redis server that rows may use; it is emptied before each arm. */
  readonly redis?: { readonly port: number; empty(): Promise<unknown>; names(): Promise<readonly string[]> }
  /** A token endpoint behind TLS. */
  readonly secure?: string
}

/** One gateway for all rows, with a route for each arm. */
export async function startStage(rows: readonly FieldRow[], { certificates = [], redis, secure = '' }: StageOptions = {}): Promise<Stage> {
  const provider = await startScriptedProvider()
  const routes: Record<string, Readonly<Record<string, unknown>>> = {}
  const routePlugins: Record<string, readonly Readonly<Record<string, unknown>>[]> = {}
  for (const [index, row] of rows.entries()) {
    for (const arm of ARMS) {
      const path = `/${arm}-${index}`
      const resolve = (fields: Readonly<Record<string, unknown>>) =>
        JSON.parse(
          JSON.stringify(fields)
            .replaceAll('$ISSUER', provider.issuer)
            .replaceAll('$PATH', path)
            .replaceAll('$SECURE', secure)
            .replaceAll('"$REDIS_PORT"', String(redis?.port)),
        ) as Record<string, unknown>
      const fields = { ...row.base, ...(arm === 'changed' && row.set) }
      routes[path] = resolve(fields)
      routePlugins[path] = row.plugins ?? []
      if (row.beside) routes[`${path}/beside`] = resolve({ ...fields, ...row.beside })
    }
  }
  const closing: (() => Promise<void>)[] = []
  const setup = await startProtected({
    provider,
    until: (close) => void closing.push(close),
    consumers: [{ username: 'alice' }, { username: 'nobody' }],
    consumer_groups: [{ name: 'gold' }],
    certificates,
    routes,
    routePlugins,
  })

  const run = async (row: FieldRow, arm: Arm): Promise<Seen> => {
    provider.reset()
    await redis?.empty()
    for (const [path, answer] of Object.entries(row.script?.(provider) ?? {})) provider.script(path, answer)
    const before = { calls: provider.requests.length, logs: setup.logs.length }
    const asks = Array.isArray(row.ask) ? (row.ask as readonly NonNullable<FieldRow['ask']>[]) : [row.ask ?? { bearer: provider.token() }]
    const answers: Answer[] = []
    for (const ask of asks) {
      if (answers.length > 0 && row.pause) setup.clock.pass(row.pause)
      const routeUrl = `${setup.gateway.url}/${arm}-${rows.indexOf(row)}`
      const what = typeof ask === 'function' ? ask(provider, answers, routeUrl) : (ask as Exclude<typeof ask, readonly unknown[]>)
      const { path = '/anything', ...rest } = what as { path?: string }
      answers.push(await setup.ask({ ...rest, path: `/${arm}-${rows.indexOf(row)}${path}` }))
    }
    setup.clock.ms = Date.now()
    return {
      answers,
      answer: answers.at(-1) as Answer,
      calls: provider.requests.slice(before.calls),
      logs: setup.logs.slice(before.logs),
      stored: (await redis?.names()) ?? [],
    }
  }
  return {
    play: async (row) => ({ default: row.observe(await run(row, 'default')), changed: row.observe(await run(row, 'changed')) }),
    close: async () => void (await Promise.all(closing.map((close) => close()))),
  }
}
