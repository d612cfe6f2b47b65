// Opens one report in headless Chromium and prints, as JSON, what a reader would meet: errors, requests, drawn marks, colours in light, dark and print,
// downloads, overflow on a narrow screen, and the effect of brushing. Usage: node inspect.mjs PAGE [FOLDER FOR SCREENSHOTS]
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';

const [page, shots] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), 'qdistill-browser-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.QDISTILL_CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  viewport: {width: 1200, height: 900},
  colorScheme: 'light',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
});
const found = {console: [], errors: [], requests: []};
try {
  const tab = await context.newPage();
  tab.on('console', m => { if (['error', 'warning'].includes(m.type())) found.console.push(m.text()); });
  tab.on('pageerror', e => found.errors.push(String(e)));
  tab.on('request', r => { if (!r.url().startsWith('data:') && !r.url().startsWith('file:')) found.requests.push(r.url()); });
  await tab.goto(pathToFileURL(resolve(page)).href);
  const drawn = () => tab.waitForFunction(() => document.documentElement.dataset.charts === 'drawn', null, {timeout: 60000});
  await drawn();
  const shoot = async name => { if (shots) await tab.screenshot({path: join(shots, name + '.png'), fullPage: true}); };

  found.title = await tab.title();
  found.headings = await tab.$$eval('h1, h2, h3', hs => hs.map(h => h.tagName + ' ' + h.textContent));
  found.figures = await tab.$$eval('figure', fs => fs.map(f => {
    const marks = {};
    for (const g of f.querySelectorAll('svg g[class*="_marks"]')) {
      const name = [...g.classList].find(c => c.endsWith('_marks'));
      const shapes = [...g.querySelectorAll(':scope > path, :scope > line, :scope > text, :scope > g > path, :scope > g > line')];
      const visible = shapes.filter(s => { const b = s.getBoundingClientRect(); return b.width + b.height > 0; });
      marks[name.slice(0, -6)] = (marks[name.slice(0, -6)] ?? 0) + visible.length;
    }
    const svg = f.querySelector('svg')?.getBoundingClientRect(), box = f.getBoundingClientRect();
    return {
      id: f.id, title: f.querySelector('h3').textContent, label: f.querySelector('.chart').getAttribute('aria-label'),
      role: f.querySelector('.chart').getAttribute('role'), marks, fits: !!svg && svg.width > 0.7 * box.width && svg.right <= box.right + 1,
      tableRows: [...f.querySelectorAll('details table')].map(t => t.tBodies[0].rows.length)
    };
  }));
  found.downloads = await tab.$$eval('a[data-set]', as => as.map(a => ({name: a.download, text: decodeURIComponent(a.href.slice(a.href.indexOf(',') + 1)), scheme: a.href.slice(0, a.href.indexOf(';'))})));
  found.injected = await tab.evaluate(() => globalThis.injected ?? null);

  const colours = () => tab.evaluate(() => {
    const paint = e => getComputedStyle(e);
    const label = document.querySelector('figure svg text');
    const line = document.querySelector('figure svg g[class*="risk_marks"] path, figure svg g[class*="roc_marks"] path');
    return {paper: paint(document.body).backgroundColor, text: paint(document.body).color, label: label && paint(label).fill, line: line && paint(line).stroke};
  });
  found.light = await colours();
  await shoot('light');
  await tab.emulateMedia({colorScheme: 'dark'});
  found.dark = await colours();
  await shoot('dark');
  await tab.emulateMedia({colorScheme: 'dark', media: 'print'});
  found.print = await colours();
  found.printHidden = await tab.$$eval('nav, #theme, details', es => es.every(e => getComputedStyle(e).display === 'none'));
  await shoot('print');
  if (shots) await tab.pdf({path: join(shots, 'print.pdf'), format: 'A4', preferCSSPageSize: true});
  await tab.emulateMedia({colorScheme: 'light', media: 'screen'});
  await tab.click('#theme');
  found.toggled = await colours();
  await tab.click('#theme');

  const strip = await tab.$('figure:has(g[class*="overview_marks"]) .chart');
  if (strip) {
    const path = () => strip.$eval('g[class*="risk_marks"] path', p => p.getAttribute('d'));
    const before = await path();
    await strip.evaluate(c => c.scrollIntoView({block: 'center'}));
    const box = await (await strip.$('g[class*="overview_marks"] path')).boundingBox();
    await tab.mouse.move(box.x + 0.3 * box.width, box.y + box.height / 2);
    await tab.mouse.down();
    await tab.mouse.move(box.x + 0.5 * box.width, box.y + box.height / 2, {steps: 5});
    await tab.mouse.up();
    await tab.waitForFunction(([c, d]) => c.querySelector('g[class*="risk_marks"] path').getAttribute('d') !== d, [strip, before], {timeout: 10000}).catch(() => {});
    found.brushed = before !== await path();
    if (shots) await strip.screenshot({path: join(shots, 'brushed.png')});
  }

  await tab.evaluate(() => { delete document.documentElement.dataset.charts; });
  await tab.setViewportSize({width: 390, height: 844});
  await drawn();
  found.narrow = await tab.evaluate(() => ({page: document.documentElement.scrollWidth, screen: innerWidth,
    charts: [...document.querySelectorAll('figure svg')].every(s => s.getBoundingClientRect().right <= innerWidth)}));
  await shoot('narrow');
  console.log(JSON.stringify(found));
} finally {
  await context.close();
  rmSync(profile, {recursive: true, force: true});
}
