'use strict';
(() => {
  const font = getComputedStyle(document.body).fontFamily;
  const root = document.documentElement;

  // Colours are CSS variables: light, dark and print restyle the drawn charts without drawing again.
  const config = {
    background: null, font, padding: {left: 0, right: 2, top: 2, bottom: 0}, view: {stroke: null},
    axis: {
      labelColor: 'var(--muted)', titleColor: 'var(--muted)', gridColor: 'var(--grid)', domainColor: 'var(--line)', tickColor: 'var(--line)',
      labelFontSize: 11, titleFontSize: 12, titleFontWeight: 400, tickSize: 4, labelPadding: 4, titlePadding: 6
    },
    axisX: {labelOverlap: true},
    axisY: {labelOverlap: false},
    legend: {labelColor: 'var(--ink)', labelFontSize: 12, padding: 0, offset: 8, rowPadding: 2, columnPadding: 14},
    text: {fill: 'var(--ink)'}
  };

  const axisRoom = 58; // y axis title, labels and right margin of concatenated views, whose width Vega-Lite cannot fit by itself
  const fill = (node, width) =>
    Array.isArray(node) ? node.map(n => fill(n, width))
    : node && typeof node === 'object' ? Object.fromEntries(Object.entries(node).map(([k, v]) => [k, fill(v, width)]))
    : typeof node !== 'string' ? node
    : node === '@width' ? Math.max(80, width - axisRoom)
    : /^@columns:\d+$/.test(node) ? Math.max(1, Math.floor(width / Number(node.slice(9))))
    : node;
  const objects = d => d.rows.map(r => Object.fromEntries(d.columns.map((c, i) => [c, r[i]])));

  const figures = [...document.querySelectorAll('figure')].map(figure => {
    const {spec, data} = JSON.parse(figure.querySelector('script.payload').textContent);
    return {figure, chart: figure.querySelector('.chart'), spec, data, view: null, width: 0};
  });

  async function draw(f) {
    const width = f.chart.clientWidth;
    if (width === 0 || width === f.width) return;
    f.width = width;
    const spec = fill(f.spec, width);
    spec.datasets = Object.fromEntries(f.data.map(d => [d.name, objects(d)]));
    const label = f.chart.getAttribute('aria-label');
    f.view?.finalize();
    f.view = await vegaEmbed(f.chart, spec, {
      mode: 'vega-lite', renderer: 'svg', actions: false, defaultStyle: false, config, tooltip: {disableDefaultStyle: true}
    });
    f.chart.setAttribute('aria-label', label);
    f.chart.setAttribute('role', 'img');
  }

  async function drawAll() {
    for (const f of figures) await draw(f);
    root.dataset.charts = 'drawn';
  }

  // Downloads are made of the data that the page already holds.
  const quote = v => v === null ? '' : /[",\r\n]/.test(v) ? '"' + String(v).replaceAll('"', '""') + '"' : String(v);
  for (const f of figures) {
    for (const link of f.figure.querySelectorAll('a[data-set]')) {
      const d = f.data.find(x => x.name === link.dataset.set);
      const [type, text] = link.dataset.format === 'csv'
        ? ['text/csv', [d.columns, ...d.rows].map(r => r.map(quote).join(',')).join('\r\n') + '\r\n']
        : ['application/json', JSON.stringify(objects(d))];
      link.href = 'data:' + type + ';charset=utf-8,' + encodeURIComponent(text);
      link.download = f.figure.id + '-' + link.download;
    }
  }

  const button = document.getElementById('theme');
  const systemDark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (systemDark.matches ? 'dark' : 'light')) === 'dark';
  const remember = theme => { try { localStorage.setItem('qdistill-theme', theme); } catch { /* a page from a file may have no storage */ } };
  const recall = () => { try { return localStorage.getItem('qdistill-theme'); } catch { return null; } };
  const name = () => { button.textContent = isDark() ? 'Light' : 'Dark'; };
  if (recall()) root.dataset.theme = recall();
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    remember(root.dataset.theme);
    name();
  });
  systemDark.addEventListener('change', name);
  name();

  let pending = 0;
  let lastWidth = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth === lastWidth) return;
    lastWidth = innerWidth;
    clearTimeout(pending);
    pending = setTimeout(drawAll, 150);
  });
  drawAll();
})();
