// What is wrong with a page as it is laid out now, a sentence each. Run by PageCheck in the page.
(scripted) => {
  const problems = [];
  const box = element => element.getBoundingClientRect();
  const shown = element => { const b = box(element); return b.width > 0 && b.height > 0 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true }); };
  const words = element => element.textContent.trim().slice(0, 40);

  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth)
    problems.push(`the page is ${root.scrollWidth} pixels wide in a window of ${root.clientWidth}`);

  const figures = [...document.querySelectorAll('.figure')];
  const pictures = [...document.querySelectorAll('img')];
  for (const picture of pictures.filter(shown)) {
    if (picture.naturalWidth === 0)
      problems.push(`a picture is broken: ${picture.alt}`);
    if (!picture.alt)
      problems.push('a picture has no text in its place');
  }
  if (!scripted) {
    const still = [...document.querySelectorAll('noscript img')].filter(shown);
    if (still.length !== figures.length)
      problems.push(`${still.length} static pictures for ${figures.length} figures`);
    for (const picture of still)
      if (box(picture).width < 300 || box(picture).height < 100)
        problems.push(`the static picture '${picture.alt.slice(0, 40)}' is ${box(picture).width} by ${box(picture).height} pixels`);
  }

  // WCAG's contrast of two colours, 1 to 21.
  const channels = colour => { const numbers = colour.match(/[\d.]+/g).map(Number); return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 }; };
  const luminance = rgb => rgb.map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, alpha } = channels(getComputedStyle(at).backgroundColor);
      if (alpha > 0.99)
        return rgb;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
  };
  const readable = (element, colour, what) => {
    const ratio = contrast(channels(colour).rgb, behind(element));
    if (ratio < 3.5)
      problems.push(`${what} '${words(element)}' has a contrast of ${ratio.toFixed(1)}`);
  };
  for (const element of document.querySelectorAll('main :is(p, li, td, th, h1, h2, a, caption, pre, span, summary)'))
    if (shown(element) && element.textContent.trim())
      readable(element, getComputedStyle(element).color, `${element.tagName.toLowerCase()}`);

  for (const wide of document.querySelectorAll('.output')) {
    if (wide.scrollWidth > wide.clientWidth + 1 && innerWidth >= 1200)
      problems.push(`an output is ${wide.scrollWidth} pixels wide in ${wide.clientWidth}: ${words(wide)}`);
  }

  for (const figure of scripted ? figures : []) {
    const about = problem => problems.push(`${figure.id} (${words(figure.querySelector('.gtitle') ?? figure)}): ${problem}`);
    const drawing = figure.querySelector('svg.main-svg');
    if (!drawing || box(drawing).width < 300 || box(drawing).height < 100) {
      about('is not drawn');
      continue;
    }
    if (!figure.querySelector('.trace path, .points path, .heatmaplayer image, .heatmaplayer .hm image, .imagelayer image, .hm image, .barlayer path, .scatterlayer path'))
      about('has no marks');
    if (figure.scrollWidth > figure.clientWidth + 1)
      about(`is ${figure.scrollWidth} pixels wide in ${figure.clientWidth}`);
    const frame = box(drawing);
    const texts = [...figure.querySelectorAll('svg text')].filter(text => shown(text) && text.textContent.trim() && !text.closest('.hoverlayer'));
    const boxes = texts.map(box);
    texts.forEach((text, i) => {
      const out = Math.max(frame.left - boxes[i].left, boxes[i].right - frame.right, frame.top - boxes[i].top, boxes[i].bottom - frame.bottom);
      if (out > 1)
        about(`'${words(text)}' is cut by ${out.toFixed(0)} pixels`);
      if (!text.closest('.heatmaplayer, .hm, .bartext'))
        readable(figure, getComputedStyle(text).fill, `${figure.id}: text`);
      for (let j = 0; j < i; j++) {
        const across = Math.min(boxes[i].right, boxes[j].right) - Math.max(boxes[i].left, boxes[j].left);
        const down = Math.min(boxes[i].bottom, boxes[j].bottom) - Math.max(boxes[i].top, boxes[j].top);
        if (across > 2 && down > 2)
          about(`'${words(texts[j])}' and '${words(text)}' overlap by ${across.toFixed(0)} × ${down.toFixed(0)} pixels`);
      }
    });
  }
  return [...new Set(problems)];
}
