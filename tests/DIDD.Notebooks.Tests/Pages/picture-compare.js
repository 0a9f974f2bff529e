// A PNG at a quarter of its size, and its difference from a small reference; both in base64. Run by PageCheck in an empty page.
async ([picture, reference]) => {
  const load = async base64 => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + base64;
    await image.decode();
    return image;
  };
  const draw = (image, width, height) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, width, height);
    return canvas;
  };
  const full = await load(picture);
  const canvas = draw(full, Math.max(1, Math.round(full.width / 4)), Math.max(1, Math.round(full.height / 4)));
  const result = { small: canvas.toDataURL('image/png').split(',')[1], sameSize: true, mean: 0, worst: 0 };
  if (reference) {
    const other = await load(reference);
    const near = (a, b) => Math.abs(a - b) <= Math.max(2, b / 50);
    result.sameSize = near(canvas.width, other.width) && near(canvas.height, other.height);
    const [width, height] = [other.width, other.height];
    const [a, b] = [draw(full, width, height), draw(other, width, height)].map(c => c.getContext('2d').getImageData(0, 0, width, height).data);
    const size = 12, across = Math.ceil(width / size), blocks = new Map();
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 4, block = Math.floor(y / size) * across + Math.floor(x / size);
        const difference = (Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2])) / 3;
        const { sum = 0, count = 0 } = blocks.get(block) ?? {};
        blocks.set(block, { sum: sum + difference, count: count + 1 });
        result.mean += difference / (width * height);
      }
    result.worst = Math.max(...[...blocks.values()].map(block => block.sum / block.count));
  }
  return result;
}
