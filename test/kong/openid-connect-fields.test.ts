import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadKongDocument } from '../../src/kong/document.js'
import type { Field } from '../../src/kong/fields/field.js'
import { lintKong } from '../../src/kong/lint/index.js'
import { FIELD_ROWS, openIdConnectFields } from '../../src/kong/openid-connect/fields.js'
import { describeRoutes } from '../../src/render/gateway-routes.js'

/** Members of an interface as it is written: name, and whether it may be null. */
function membersOf(file: string, name: string): ReadonlyMap<string, boolean> {
  const text = readFileSync(new URL(`../../src/kong/openid-connect/${file}`, import.meta.url), 'utf8')
  const [, whole, left = ''] = new RegExp(`export type ${name} = Omit<(\\w+), ([^>]+)>`).exec(text) ?? []
  if (whole) return new Map([...membersOf(file, whole)].filter(([member]) => !left.includes(`'${member}'`)))
  const start = text.indexOf(`export interface ${name} {`)
  const body = text.slice(start, text.indexOf('\n}\n', start))
  const members = body.split(/\n {2}readonly /).slice(1)
  return new Map(members.map((member) => [member.slice(0, member.indexOf(':')), /\| null\s*(?:\n|$)/.test(member)]))
}

describe('the field table and the type say the same', () => {
  const current = FIELD_ROWS.filter(({ legacy }) => legacy !== true)

  test('378 current names, 34 older ones', () => {
    expect(current).toHaveLength(378)
    expect(FIELD_ROWS).toHaveLength(412)
  })

  test('each field of the type has a row, and each row a field', () => {
    const members = membersOf('config.ts', 'OpenIdConnectConfig')
    expect([...members.keys()].toSorted()).toEqual(
      current
        .map(({ name }) => name)
        .filter((name) => !name.includes('.'))
        .toSorted(),
    )
  })

  test('a default is null only where the type allows it', () => {
    const members = membersOf('config.ts', 'OpenIdConnectConfig')
    const { fields, defaults } = openIdConnectFields('3.15')
    const wrong = [...members].filter(
      ([name, nullable]) => name !== 'issuer' && nullable !== (defaults[name] === null || fields.get(name)?.nullable === true),
    )
    expect(wrong).toEqual([])
  })

  test.for([
    ['redis', 'Redis'],
    ['cluster_cache_redis', 'ClusterCacheRedis'],
    ['principals', 'Principals'],
    ['token_exchange', 'TokenExchange'],
    ['proof_of_possession_mtls_from_header', 'ProofOfPossessionMtlsFromHeader'],
  ] as const)('the members of %s are those of %s', ([field, type]) => {
    const members = membersOf('records.ts', type)
    const record = openIdConnectFields('3.15').fields.get(field)?.record
    expect([...members.keys()].toSorted()).toEqual(record?.names.toSorted())
    expect([...members].filter(([name, nullable]) => nullable !== (record?.defaults[name] === null))).toEqual([])
  })
})

/** One document, each configuration on a route of its own. */
const load = (configs: readonly Readonly<Record<string, unknown>>[]) =>
  loadKongDocument(
    [
      {
        file: 'kong.json',
        text: JSON.stringify({
          _format_version: '3.0',
          services: [{ name: 's', host: 's' }],
          routes: configs.map((_, index) => ({ name: `r${index}`, service: 's', paths: [`/r${index}/`] })),
          plugins: configs.map((config, index) => ({
            name: 'openid-connect',
            route: `r${index}`,
            config: { issuer: 'https://idp.example', auth_methods: ['bearer'], ...config },
          })),
        }),
      },
    ],
    { env: {} },
  )

/** A value of the field's type that is not its default. */
function sample({ shape, scalar, default: usual, enum: allowed, min = 0 }: Field): unknown {
  const one = (index: number): unknown => {
    if (allowed) return allowed.filter((value) => value !== usual)[index % allowed.length] ?? allowed[0]
    if (scalar === 'boolean') return usual !== true
    return scalar === 'string' ? `text-${index}` : min + 7 + index
  }
  switch (shape) {
    case 'scalar':
      return one(0)
    case 'list':
    case 'set':
      return [one(0)]
    case 'list-of-lists':
      return [[one(0), one(1)], [one(2)]]
    default:
      return undefined
  }
}

/** What it needs beside it. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [
    ['discovery_headers_names', 'discovery_headers_values'],
    ['authorization_query_args_names', 'authorization_query_args_values'],
    ['token_headers_names', 'token_headers_values'],
    ['token_post_args_names', 'token_post_args_values'],
    ['introspection_headers_names', 'introspection_headers_values'],
    ['introspection_post_args_names', 'introspection_post_args_values'],
    ['userinfo_headers_names', 'userinfo_headers_values'],
    ['userinfo_query_args_names', 'userinfo_query_args_values'],
    ['upstream_headers_claims', 'upstream_headers_names'],
    ['downstream_headers_claims', 'downstream_headers_names'],
  ].flatMap(([a = '', b = '']) => [
    [a, [b]],
    [b, [a]],
  ]),
)

describe('each field that is no record', () => {
  const simple = [...openIdConnectFields('3.15').fields.values()].filter(
    ({ shape }) => !shape.endsWith('record') && !shape.endsWith('records'),
  )

  const companionsOf = (name: string) => Object.fromEntries((COMPANIONS[name] ?? []).map((companion) => [companion, ['companion']]))

  test('keeps a value of its type, which lint and routes can look at', () => {
    expect(simple).toHaveLength(226)
    const loaded = load(simple.map((field) => ({ ...companionsOf(field.name), [field.name]: sample(field) })))
    expect(loaded.issues.filter(({ severity }) => severity !== 'info')).toMatchObject([
      { id: 'legacy-name', message: 'memcache is the older spelling' },
    ])
    const { plugins = [] } = loaded.config ?? {}
    for (const [index, field] of simple.entries()) {
      const expected = field.name === 'session_storage' ? 'memcached' : sample(field)
      expect(plugins[index]?.config[field.name], field.name).toEqual(expected)
    }
    expect(lintKong(loaded).length).toBeGreaterThan(100)
    expect(loaded.config && describeRoutes(loaded.config)).toHaveLength(226)
  })

  test('refuses a mapping, at its place', () => {
    const { config, issues } = load(simple.map(({ name }) => ({ [name]: { wrong: 1 } })))
    expect(config).toBeUndefined()
    const paths = new Set(issues.map(({ path }) => path))
    expect(simple.filter(({ name }, index) => !paths.has(`plugins[${index}].config.${name}`))).toEqual([])
  })

  test('never shows the value of a secret', () => {
    const secrets = simple.filter(({ encrypted }) => encrypted === true)
    expect(secrets.map(({ name }) => name)).toEqual(expect.arrayContaining(['client_secret', 'session_secret']))
    const right = secrets.map((field) => ({ ...companionsOf(field.name), [field.name]: field.shape === 'scalar' ? 'hidden' : ['hidden'] }))
    const { config } = load(right)
    expect(config && JSON.stringify(describeRoutes(config))).not.toContain('hidden')
    const wrong = secrets.map((field) => ({ [field.name]: field.shape === 'scalar' ? ['hidden'] : 'hidden' }))
    expect(JSON.stringify(load(wrong).issues)).not.toContain('hidden')
  })
})
