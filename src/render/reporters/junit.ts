import { create } from 'xmlbuilder2'
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces.js'
import type { ProbeReport } from '../../probe/report.js'
import type { ProbeResult } from '../../probe/result.js'
import { stripIllegalXml } from '../escape-xml.js'
import type { ReporterFactory } from './reporter.js'
import { remarks } from './words.js'

/** JUnit as CI systems read it: `fail` is a failure, `error` an error, a known failure counts as skipped. */
export const junit: ReporterFactory = {
  keepsResults: true,
  create: ({ write }) => ({ finish: (report) => write(`${junitText(report)}\n`) }),
}

function junitText(report: ProbeReport): string {
  const document = create({ version: '1.0', encoding: 'UTF-8' })
  const { tests, failures, errors } = countsOf(report.counts, report.stale.length)
  const root = document.ele('testsuites', { name: 'oidcgw probe', tests, failures, errors, time: seconds(report.durationMs) })
  const timestamp = new Date(report.startedAt).toISOString().replace(/\.\d+Z$/, '')
  for (const suite of report.suites) {
    const results = report.results.filter((result) => result.suite === suite.name)
    const { tests, failures, errors, skipped } = countsOf(suite.counts)
    const time = seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0))
    const element = root.ele('testsuite', {
      name: text(suite.name),
      tests,
      failures,
      errors,
      skipped,
      time,
      timestamp,
      hostname: hostOf(suite.gateway),
    })
    element.ele('properties').ele('property', { name: 'gateway', value: text(suite.gateway) })
    for (const result of results) addCase(element, result)
  }
  if (report.stale.length > 0) addStale(root, report.stale, timestamp)
  const notes = remarks(report)
  if (notes.length > 0 && root.node.hasChildNodes())
    root
      .last()
      .ele('system-out')
      .txt(text(notes.join('\n')))
  return document.end({ prettyPrint: true })
}

function addCase(parent: XMLBuilder, result: ProbeResult): void {
  const element = parent.ele('testcase', {
    name: text(result.id.slice(result.suite.length + 3) || result.name),
    classname: text(result.suite),
    time: seconds(result.durationMs),
  })
  if (result.outcome === 'skip' || result.known !== undefined) {
    element.ele('skipped', { message: text(result.known === undefined ? result.message : `known to fail: ${result.known}`) })
  } else if (result.outcome === 'fail') {
    element.ele('failure', { message: text(result.message), type: 'assertion' }).txt(text(detailText(result)))
  } else if (result.outcome === 'error') {
    element.ele('error', { message: text(result.message), type: result.error?.code ?? 'error' }).txt(text(detailText(result)))
  }
}

/** Stale entries fail the run, so they must fail here as well. */
function addStale(root: XMLBuilder, stale: readonly string[], timestamp: string): void {
  const count = stale.length
  const element = root.ele('testsuite', {
    name: 'baseline',
    tests: count,
    failures: count,
    errors: 0,
    skipped: 0,
    time: '0.000',
    timestamp,
    hostname: 'localhost',
  })
  element.ele('properties')
  for (const id of stale) {
    const message = 'stale baseline entry: it no longer fails, or does not exist'
    element.ele('testcase', { name: text(id), classname: 'baseline', time: '0.000' }).ele('failure', { message, type: 'stale' })
  }
}

function detailText({ exchanges, message, where }: ProbeResult): string {
  const lines = exchanges.flatMap(({ method, url, status, statusMessage, body }) => [
    `${method} ${url}`,
    `${status} ${statusMessage}`,
    body,
  ])
  return [message, ...(where === undefined ? [] : [where]), '', ...lines].join('\n')
}

const countsOf = ({ pass, fail, error, skip, known }: ProbeReport['counts'], stale = 0) => ({
  tests: pass + fail + error + skip + known + stale,
  failures: fail + stale,
  errors: error,
  skipped: skip + known,
})

const seconds = (ms: number): string => (ms / 1000).toFixed(3)
const text = stripIllegalXml
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : 'localhost')
