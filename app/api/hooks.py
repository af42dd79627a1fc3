"""What outside systems tell us: signed, kept first, answered quickly."""

from flask import Blueprint, Response, request

from app.domain.errors import Forbidden
from app.doors import public, service
from app.usecases import post

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")


@blueprint.post("/public-post")
@public
def public_post() -> Response:
    """Take in an event of the post. 204 also for what was heard before: telling twice is fine."""
    read = service().read_post
    if read is None:
        raise Forbidden("Chưa khai báo khóa ký của bưu chính.")
    news = read(dict(request.headers), request.get_data())
    with service().open_work() as work:
        post.hear(work, news)
    return Response(status=204)
