import { github } from './github.js'
import { html } from './html.js'
import { json } from './json.js'
import { jsonl } from './jsonl.js'
import { junit } from './junit.js'
import { markdown } from './markdown.js'
import { pretty } from './pretty.js'
import type { ReporterFactory, ReportFormat } from './reporter.js'
import { tap } from './tap.js'

export const REPORTERS = { pretty, json, jsonl, junit, tap, markdown, github, html } satisfies Record<ReportFormat, ReporterFactory>
