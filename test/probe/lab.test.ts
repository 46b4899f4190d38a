import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labDocument } from '../../src/lab/document.js'
import { startLab, type Lab } from '../../src/lab/lab.js'
import { writeProjectFile } from '../../src/lab/project-file.js'
import type { ProbeReport } from '../../src/probe/report.js'
import { expectSilentLab } from '../support/gateway-canaries.js'
import { cli } from '../support/memory-host.js'

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/suites/${name}`, import.meta.url))

let lab: Lab
const cwd = mkdtempSync(join(tmpdir(), 'oidcgw-probe-lab-'))

beforeAll(async () => {
  lab = await startLab()
  await writeProjectFile(lab, join(cwd, 'oidcgw.yaml'))
})
afterAll(async () => {
  await lab?.close()
  expectSilentLab(lab)
})

/** Tokens are kept between the runs: logging in is not what is tested here. */
async function probe(...argv: string[]) {
  const env = { ...lab.environment, OIDCGW_STORE: join(cwd, 'store'), WRONG_SECRET: 'wrong-secret' }
  const { exitCode, stdout, stderr } = await cli(['probe', '--jobs', '4', '--json', ...argv], { cwd, env })
  const report = stdout ? (JSON.parse(stdout) as ProbeReport) : undefined
  const failing = report?.results.filter(({ outcome }) => outcome !== 'pass').map(({ id, message }) => `${id}: ${message}`)
  return { exitCode, stderr, report, failing }
}

describe('the four stories', () => {
  test('hold at the lab', async () => {
    const { exitCode, failing, stderr } = await probe(fixture('stories.yaml'))
    expect({ exitCode, failing, stderr }).toEqual({ exitCode: 0, failing: [], stderr: '' })
  })

  test.for([
    {
      mutant: 'a route that lost its plugin',
      from: 'auth_methods: [introspection]',
      to: 'anonymous: nobody\n              auth_methods: [introspection]',
      failing: ['introspection › nobody', 'introspection › rubbish'],
    },
    {
      mutant: 'a header that is not injected',
      from: 'upstream_headers_names: [Issuer_Header]',
      to: 'upstream_headers_names: [Other_Header]',
      failing: ['client credentials › a fetched token', 'client credentials › a header of that name from outside never arrives'],
    },
    {
      mutant: 'an audience that nobody checks',
      from: /audience_required: .*\n/,
      to: '\n',
      failing: ['client credentials › another audience'],
    },
    {
      mutant: 'a group that nobody checks',
      from: 'groups_required: [admins]',
      to: 'groups_required: [everyone]',
      failing: ['groups › GET /admins/get as bob'],
    },
    {
      mutant: 'a cookie for scripts',
      from: 'logout_uri_suffix: /logout',
      to: 'authorization_cookie_http_only: false',
      failing: ['authorization code › a browser is sent to the provider'],
    },
    {
      mutant: 'a scope that is not asked for',
      from: 'scopes: [openid, profile, groups]',
      to: 'scopes: [openid, groups]',
      failing: ['authorization code › a browser is sent to the provider'],
    },
  ])('notice $mutant', async ({ from, to, failing }) => {
    const consumer = 'consumers:\n  - username: nobody\n'
    await lab.publish(labDocument.replace(from, to) + consumer)
    const result = await probe(fixture('stories.yaml'))
    await lab.publish(labDocument)
    expect(result.failing?.map((line) => line.split(': ')[0])).toEqual(failing)
    expect(result.exitCode).toBe(1)
  })
})

describe('imports', () => {
  test('a Kong document of twenty routes, a HAR file and curl commands hold', async () => {
    await lab.publish(readFileSync(fixture('twenty-routes.yaml'), 'utf8'))
    const { exitCode, report, failing } = await probe(fixture('imports.yaml'))
    await lab.publish(labDocument)
    expect(failing).toEqual([
      'twenty routes › route-06: not asked: its path is a regular expression',
      'twenty routes › route-16: not asked: it wants https',
      'twenty routes › route-19: not asked: nobody of the lab has api.write',
    ])
    expect(exitCode).toBe(0)
    expect(report?.counts.pass).toBeGreaterThan(40)
  })

  test('a route that is open although its document protects it', async () => {
    await lab.publish(
      readFileSync(fixture('twenty-routes.yaml'), 'utf8').replace(/(name: route-07\n.*\n)[\s\S]*?(?= {6}- name: route-08)/, '$1'),
    )
    const { exitCode, failing } = await probe(fixture('imports.yaml'), '--only', 'route-07')
    await lab.publish(labDocument)
    expect(exitCode).toBe(1)
    expect(failing?.[0]).toBe(
      'twenty routes › route-07: anonymous: status: expected 401, got 200; challenge scheme: expected "Bearer", got nothing',
    )
  })
})
