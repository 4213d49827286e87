// Sums the reports in a folder (trx and junit): what failed and why, what was skipped and why, and one line for the
// whole. Exit code 1 when anything failed.
// usage: node build/sum-tests.mjs FOLDER [STEP-THAT-FAILED ...]
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...failedSteps] = process.argv.slice(2)
const sum = { passed: 0, failed: 0, skipped: 0 }
const reasons = new Map()
const failures = []
const longestReason = 20 // lines of a failure: its message and the first places; the whole is in the step's own output

const attribute = (tag, name) => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
const plain = (text) =>
  text.replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&#([0-9]+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&apos;/g, "'").replace(/&amp;/g, '&')

const inside = (tag, text) => new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1]

function fail(name, reason) {
  sum.failed++
  const lines = plain(reason).replace(/<!\[CDATA\[|\]\]>|\x1b\[[0-9;]*m/g, '').split('\n').map((line) => line.trimEnd()).filter(Boolean)
  failures.push([name, ...lines.slice(0, longestReason).map((line) => `    ${line.slice(0, 500)}`)].join('\n'))
}

function skip(reason) {
  sum.skipped++
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
}

function addTrx(text) {
  for (const result of text.matchAll(/<UnitTestResult\b[^>]*?(?:\/>|>[\s\S]*?<\/UnitTestResult>)/g)) {
    const outcome = attribute(result[0], 'outcome')
    if (outcome === 'Passed') sum.passed++
    else if (outcome === 'NotExecuted') skip(plain(inside('Message', result[0]) ?? inside('StdOut', result[0]) ?? 'no reason given').trim())
    else fail(plain(attribute(result[0], 'testName')), `${inside('Message', result[0]) ?? ''}\n${inside('StackTrace', result[0]) ?? ''}`)
  }
}

function addJunit(text) {
  for (const test of text.matchAll(/<testcase\b[^>]*?(?:\/>|>[\s\S]*?<\/testcase>)/g)) {
    const name = plain(`${attribute(test[0], 'classname')} ${attribute(test[0], 'name')}`)
    const failure = /<(failure|error)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/.exec(test[0])
    if (failure) fail(name, failure[3] || attribute(failure[2], 'message'))
    else if (/<skipped\b/.test(test[0])) skip(plain(attribute(/<skipped[^>]*>/.exec(test[0])[0], 'message')) || `web: ${name}`)
    else sum.passed++
  }
}

for (const file of readdirSync(folder)) {
  const text = file.endsWith('.trx') || file.endsWith('.xml') ? readFileSync(join(folder, file), 'utf8') : ''
  if (file.endsWith('.trx')) addTrx(text)
  else if (file.endsWith('.xml')) addJunit(text)
}

// A step can fail without a failed test: a crash, a type error, a report that was never written.
if (failedSteps.length > 0 && sum.failed === 0) {
  sum.failed = failedSteps.length
  failures.push(...failedSteps.map((step) => `the step ${step} (no test of it failed: see its output above)`))
}

console.log('')
for (const [reason, count] of reasons) console.log(`skipped ${count}: ${reason}`)
for (const failure of failures) console.log(`FAILED ${failure}`)
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
process.exit(sum.failed > 0 || failedSteps.length > 0 || sum.passed === 0 ? 1 : 0)
