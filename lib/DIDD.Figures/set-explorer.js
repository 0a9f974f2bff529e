// Plays the sets of several runs side by side. `root` is the figure, `data` what SetExplorer.cs wrote.
(function (root, data) {
  const scale = 2, gap = 3;
  const slider = root.querySelector('input'), button = root.querySelector('button'), now = root.querySelector('.now');
  const panels = [...root.querySelectorAll('.rule')];
  const side = Math.ceil(data.classes / 2), cell = { width: data.width * scale + gap, height: data.height * scale + gap };
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let playing = null;

  // Blue where a tile adapts, orange where it stays; none where nothing was learnt.
  function frame(value, most) {
    const place = (Math.max(-1, Math.min(1, value / most)) + 1) / 2;
    const at = data.colours.findIndex(stop => stop[0] >= place), high = data.colours[Math.max(at, 1)], low = data.colours[Math.max(at, 1) - 1];
    const share = (place - low[0]) / (high[0] - low[0]);
    const part = (colour, i) => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
    return `rgb(${[0, 1, 2].map(i => Math.round((1 - share) * part(low[1], i) + share * part(high[1], i))).join(',')})`;
  }

  function draw(t) {
    panels.forEach((panel, r) => {
      const rule = data.rules[r], canvas = panel.querySelector('canvas'), pen = canvas.getContext('2d');
      canvas.width = side * cell.width + gap;
      canvas.height = Math.ceil(data.classes / side) * cell.height + gap;
      pen.imageSmoothingEnabled = false;
      for (let c = 0; c < data.classes; c++) {
        const x = gap + (c % side) * cell.width, y = gap + Math.floor(c / side) * cell.height;
        const width = data.width * scale, height = data.height * scale;
        pen.drawImage(rule.picture, c * (data.width + data.gap), t * (data.height + data.gap), data.width, data.height, x, y, width, height);
        const rates = rule.rates[t];
        if (!rates.length)
          continue;
        const perImage = rates.length / data.classes, f = Math.sqrt(perImage);
        for (let i = 0; i < perImage; i++) {
          pen.strokeStyle = frame(rates[c * perImage + i], rule.most);
          pen.lineWidth = 2;
          pen.strokeRect(x + 1 + (i % f) * width / f, y + 1 + Math.floor(i / f) * height / f, width / f - 2, height / f - 2);
        }
      }
      const row = rule.accuracy[t];
      [...panel.querySelectorAll('.bars i')].forEach((bar, k) => {
        bar.style.height = `${row[k]}%`;
        bar.className = k < t ? 'old' : k === t ? 'new' : 'later';
      });
      const seen = row.slice(0, t + 1).reduce((sum, a) => sum + a, 0) / (t + 1);
      panel.querySelector('.numbers').textContent = `mean so far ${seen.toFixed(0)} %, domain 1: ${row[0].toFixed(0)} %`;
    });
    now.textContent = `after domain ${t + 1} of ${data.domains.length}: ${data.domains[t]}`;
    slider.value = t + 1;
    slider.setAttribute('aria-valuetext', now.textContent);
  }

  function stop() {
    clearInterval(playing);
    playing = null;
    button.textContent = '▶ play';
  }

  function play() {
    if (+slider.value === data.domains.length)
      draw(0);
    button.textContent = '❚❚ pause';
    playing = setInterval(() => {
      draw(+slider.value);
      if (+slider.value === data.domains.length)
        stop();
    }, still.matches ? 1500 : 600);
  }

  button.addEventListener('click', () => playing ? stop() : play());
  slider.addEventListener('input', () => { stop(); draw(+slider.value - 1); });
  Promise.all(data.rules.map((rule, r) => new Promise(done => {
    rule.picture = new Image();
    rule.picture.onload = done;
    // The film that plays where no scripts run has the same sheet.
    rule.picture.src = panels[r].querySelector('.film').style.backgroundImage.slice(5, -2);
  }))).then(() => {
    root.classList.add('playable');
    draw(data.domains.length - 1);
  });
})
