import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProtected, type Answer, type Protected } from '../../support/protected-gateway.js'
import { startScriptedProvider, type ScriptedProvider } from '../../support/scripted-provider.js'
import { ROWS } from './field-rows/index.js'
import type { FieldRow, Seen } from './field-rows/row.js'

const ARMS = ['default', 'changed'] as const

/** Each field of the plugin, tiers 1 and 2, has a setting whose result differs from the default's. Sessions and logins have theirs beside them. */
describe('fields', () => {
  let setup: Protected
  let provider: ScriptedProvider

  beforeAll(async () => {
    provider = await startScriptedProvider()
    const resolve = (fields: Readonly<Record<string, unknown>>) =>
      JSON.parse(JSON.stringify(fields).replaceAll('$ISSUER', provider.issuer)) as Record<string, unknown>
    const paths = ROWS.flatMap((row, index) => ARMS.map((arm) => ({ row, arm, path: `/${arm}-${index}` })))
    setup = await startProtected({
      provider,
      until: afterAll,
      consumers: [{ username: 'alice' }, { username: 'nobody' }],
      consumer_groups: [{ name: 'gold' }],
      certificates: [{ id: '11111111-1111-4111-8111-111111111111', ...selfSigned() }],
      routes: Object.fromEntries(paths.map(({ row, arm, path }) => [path, resolve({ ...row.base, ...(arm === 'changed' && row.set) })])),
      routePlugins: Object.fromEntries(paths.map(({ row, path }) => [path, row.plugins ?? []])),
    })
  })

  const run = async (row: FieldRow, arm: (typeof ARMS)[number]): Promise<Seen> => {
    provider.reset()
    for (const [path, answer] of Object.entries(row.script?.(provider) ?? {})) provider.script(path, answer)
    const before = { calls: provider.requests.length, logs: setup.logs.length }
    const asks = Array.isArray(row.ask) ? (row.ask as readonly NonNullable<FieldRow['ask']>[]) : [row.ask ?? { bearer: provider.token() }]
    const answers: Answer[] = []
    for (const ask of asks) {
      if (answers.length > 0 && row.pause) setup.clock.pass(row.pause)
      const what = typeof ask === 'function' ? ask(provider, answers) : (ask as Exclude<typeof ask, readonly unknown[]>)
      const { path = '/anything', ...rest } = what as { path?: string }
      answers.push(await setup.ask({ ...rest, path: `/${arm}-${ROWS.indexOf(row)}${path}` }))
    }
    setup.clock.ms = Date.now()
    return { answers, answer: answers.at(-1) as Answer, calls: provider.requests.slice(before.calls), logs: setup.logs.slice(before.logs) }
  }

  test.for(ROWS)('$field', async (row) => {
    const observed = { default: row.observe(await run(row, 'default')), changed: row.observe(await run(row, 'changed')) }
    expect(observed).toEqual({ default: row.default, changed: row.changed })
    expect(row.changed, 'a row must tell the setting from the default').not.toEqual(row.default)
  })
})

/** A throw-away certificate; openssl is everywhere these tests run. */
function selfSigned(): { cert: string; key: string } {
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=gateway',
    '-keyout',
    '-',
  ]
  const pem = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const block = (name: RegExp) => `${name.exec(pem)?.[0] ?? ''}\n`
  return {
    key: block(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/),
    cert: block(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/),
  }
}
