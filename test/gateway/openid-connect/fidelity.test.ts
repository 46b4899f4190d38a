import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import fields from '../../../src/kong/openid-connect/fields.json' with { type: 'json' }
import { ROWS, STORED_ROWS } from './field-rows/index.js'
import { PUBLISHED_ROWS } from './field-rows/published.js'
import { SERVER_ROWS } from './redis-rows/server-rows.js'
import { TOPOLOGY_ROWS } from './redis-rows/topology-rows.js'

interface Field {
  readonly name: string
  readonly type: string
  readonly tier: 'T1' | 'T2' | 'T3'
  readonly group: string
  readonly legacy?: boolean
}

const MEANINGS = {
  proven: 'imitated, and a test shows through real HTTP that setting it changes what can be observed',
  imitated: 'read by the gateway; its tests are not in the table of rows',
  announced: 'accepted and checked; `gateway run` and `gateway lint` say that it is not imitated',
  accepted: 'accepted and checked, without effect yet',
} as const

const current = (fields as unknown as readonly Field[]).filter(({ legacy }) => !legacy)
const sources = readdirSync(new URL('../../../src/gateway', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(new URL(`../../../src/gateway/${file}`, import.meta.url), 'utf8'))
  .join('\n')
const proven = new Set([...ROWS, ...STORED_ROWS, ...PUBLISHED_ROWS, ...SERVER_ROWS, ...TOPOLOGY_ROWS].map(({ field }) => field))

function statusOf({ name, tier }: Field): keyof typeof MEANINGS {
  if (proven.has(name) || [...proven].some((field) => field.startsWith(`${name}.`))) return 'proven'
  if (tier === 'T3') return 'announced'
  return new RegExp(`\\b${name.split(/[.[\]]+/).at(-1)}\\b`).test(sources) ? 'imitated' : 'accepted'
}

test('docs/kong-fidelity.md says of every field what the tests say', async () => {
  const rows = current.map((field) => ({ ...field, status: statusOf(field) }))
  const count = (status: keyof typeof MEANINGS): number => rows.filter((row) => row.status === status).length
  const groups = [...new Set(rows.map(({ group }) => group))]
  const text = [
    '# How faithfully the local gateway imitates `openid-connect`',
    '',
    `Made by \`test/gateway/openid-connect/fidelity.test.ts\` from its rows and the field list: ${rows.length} fields.`,
    '',
    '| status | fields | meaning |',
    '| --- | --- | --- |',
    ...(Object.keys(MEANINGS) as (keyof typeof MEANINGS)[]).map((status) => `| ${status} | ${count(status)} | ${MEANINGS[status]} |`),
    ...groups.flatMap((group) => [
      '',
      `## ${group}`,
      '',
      '| field | tier | status |',
      '| --- | --- | --- |',
      ...rows.filter((row) => row.group === group).map(({ name, tier, status }) => `| \`${name}\` | ${tier} | ${status} |`),
    ]),
    '',
  ].join('\n')
  await expect(text).toMatchFileSnapshot('../../../docs/kong-fidelity.md')
  expect(rows).toHaveLength(378)
})

test('a row names a field that exists', () => {
  const names = new Set((fields as unknown as readonly Field[]).map(({ name }) => name))
  expect([...proven].filter((field) => !names.has(field) && ![...names].some((name) => name.startsWith(`${field}.`)))).toEqual([])
})
