"""Pictures a second a core of the portrait generator: ``python -m benchmarks.portraits``."""

import time

import click
import cv2

from cubiseg.portraits import draw


@click.command()
@click.option("--count", default=40, show_default=True)
@click.option("--size", default=512, show_default=True)
def main(count: int, size: int) -> None:
    """Time ``count`` pictures on one thread; report WebP and PNG sizes, which bound the data set."""
    cv2.setNumThreads(1)
    draw(1, 0, size)
    start = time.process_time()
    portraits = [draw(0, index, size) for index in range(count)]
    seconds = time.process_time() - start
    quality = [cv2.IMWRITE_WEBP_QUALITY, 92]
    webp = sum(len(cv2.imencode(".webp", p.image[..., ::-1], quality)[1]) for p in portraits)
    png = sum(len(cv2.imencode(".png", p.label)[1]) for p in portraits)
    click.echo(f"{count / seconds:.1f} pictures a second a core at {size} px")
    click.echo(f"{webp / count / 1000:.1f} kB WebP (quality 92) and {png / count / 1000:.1f} kB label PNG a picture")


if __name__ == "__main__":
    main()
