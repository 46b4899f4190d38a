import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab, type Lab } from '../../src/lab/lab.js'
import { writeProjectFile } from '../../src/lab/project-file.js'
import type { ProbeReport } from '../../src/probe/report.js'
import { cli } from '../support/memory-host.js'
import { describeWithPrograms } from '../support/programs.js'
import { freePort, missingModules, startApache } from './apache.js'

describeWithPrograms(
  'Apache with mod_auth_openidc and mod_oauth2, protected by the embedded provider',
  ['apache2', ...missingModules()],
  () => {
    let lab: Lab
    let apache: Awaited<ReturnType<typeof startApache>>
    const cwd = mkdtempSync(join(tmpdir(), 'oidcgw-peer-'))

    beforeAll(async () => {
      const port = await freePort()
      lab = await startLab()
      lab.idp.allowRedirect('web', `http://127.0.0.1:${port}/web/redirect_uri`)
      await writeProjectFile(lab, join(cwd, 'oidcgw.yaml'))
      const { web, introspector } = lab.clients
      const metadata = await fetch(`${lab.issuer}/.well-known/openid-configuration`)
      const { jwks_uri: jwksUri } = (await metadata.json()) as { jwks_uri: string }
      apache = await startApache({ port, issuer: lab.issuer, jwksUri, upstream: lab.upstreamUrl, client: web, introspector })
    })
    afterAll(async () => {
      await apache?.close()
      await lab?.close()
    })

    test('the suite holds; what differs from Kong is written in it', async () => {
      const suite = fileURLToPath(new URL('../../fixtures/suites/apache.yaml', import.meta.url))
      const own = join(cwd, 'apache.yaml')
      writeFileSync(own, readFileSync(suite, 'utf8').replace('  apache:\n', `  apache:\n    url: ${apache.url}\n`))
      const { exitCode, stdout, stderr } = await cli(['probe', own, '--no-store', '--json'], { cwd })
      const report = JSON.parse(stdout || '{}') as ProbeReport
      const failing = report.results?.filter(({ outcome }) => outcome !== 'pass').map(({ id, message }) => `${id}: ${message}`)
      expect({ exitCode, failing, stderr }).toEqual({ exitCode: 0, failing: [], stderr: '' })
      expect(report.counts.pass).toBe(13)
    })
  },
)
