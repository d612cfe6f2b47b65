using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Tests;

/// <summary>Each operator of the binding once, against the same expression in PyTorch: order of arguments, defaults, overloads.</summary>
[Collection(nameof(DefaultGenerator))]
public sealed class EveryOperatorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Every_operator_gives_what_PyTorch_gives()
    {
        Dictionary<string, Func<Tensor>> every = Expressions();
        Assert.Equal(Oracle.Names("every.").Select(n => n["every.".Length..]).Order(), every.Keys.Order());
        List<string> wrong = [];
        foreach ((string name, Func<Tensor> f) in every)
        {
            try
            {
                Oracle.AssertSame("every." + name, f(), 2e-6);
            }
            catch (Exception e)
            {
                wrong.Add($"{name}: {e.Message.Split('\n')[0]}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    private static Dictionary<string, Func<Tensor>> Expressions()
    {
        manual_seed(21);
        Tensor a = randn(3, 4), b = rand(3, 4) + 0.5, sq = randn(4, 4);
        Tensor i = tensor(new long[,] { { 0, 2, 1, 0 }, { 1, 1, 0, 2 }, { 2, 0, 0, 1 } }), k = tensor(new long[] { 2, 0 }), mask = a > 0;
        Tensor batch = randn(2, 3, 4), unit = (rand(3, 4) * 0.8) + 0.1, c = complex(a, b), ints = tensor(new long[] { 3, 1, 2, 1, 0 });
        return new Dictionary<string, Func<Tensor>>
        {
            ["acos"] = () => unit.acos(),
            ["acosh"] = () => (b + 1).acosh(),
            ["asin"] = () => asin(unit),
            ["asinh"] = () => a.asinh(),
            ["atan"] = () => a.atan(),
            ["atanh"] = () => unit.clone().atanh_(),
            ["ceil"] = () => a.ceil(),
            ["cos"] = () => cos(a),
            ["cosh"] = () => a.cosh(),
            ["digamma"] = () => b.digamma(),
            ["erf"] = () => a.erf(),
            ["erfc"] = () => a.erfc(),
            ["erfinv"] = () => unit.erfinv(),
            ["exp2"] = () => a.exp2(),
            ["expm1"] = () => a.clone().expm1_(),
            ["floor"] = () => a.floor(),
            ["frac"] = () => a.frac(),
            ["lgamma"] = () => b.lgamma(),
            ["log10"] = () => b.log10(),
            ["log1p"] = () => b.log1p(),
            ["log2"] = () => b.log2(),
            ["reciprocal"] = () => b.reciprocal(),
            ["round"] = () => a.round(2),
            ["rsqrt"] = () => b.rsqrt(),
            ["sign"] = () => a.sign(),
            ["sin"] = () => a.sin(),
            ["sinc"] = () => a.sinc(),
            ["sinh"] = () => a.sinh(),
            ["square"] = () => a.square(),
            ["tan"] = () => a.tan(),
            ["trunc"] = () => a.trunc(),
            ["isnan"] = () => (a / 0 * 0).isnan(),
            ["isfinite"] = () => (a / 0).isfinite(),
            ["logical_not"] = () => mask.logical_not(),
            ["add_alpha"] = () => a.add(b, 3),
            ["rsub"] = () => 2 - a,
            ["rdiv"] = () => 2.0 / b,
            ["remainder"] = () => a % 0.7,
            ["fmod"] = () => a.fmod(0.7),
            ["div_floor"] = () => a.div(b, RoundingMode.floor),
            ["div_trunc"] = () => a.div(0.3, RoundingMode.trunc),
            ["pow"] = () => b.pow(a),
            ["atan2"] = () => a.atan2(b),
            ["maximum"] = () => maximum(a, b),
            ["fmin"] = () => fmin(a, b),
            ["and"] = () => mask & (b > 1),
            ["or"] = () => mask | (b > 1),
            ["xor"] = () => mask ^ (b > 1),
            ["not"] = () => ~mask,
            ["eq"] = () => i == 1,
            ["ne"] = () => i != 1,
            ["le"] = () => a <= 0.1,
            ["clamp"] = () => a.clamp(-0.5, 0.5),
            ["clamp_tensor"] = () => a.clamp(-b, b),
            ["clamp_min"] = () => a.clamp_min(0.2),
            ["nan_to_num"] = () => (a / 0).nan_to_num(0, 5, -5),
            ["lerp"] = () => a.lerp(b, unit),
            ["addcmul"] = () => a.addcmul(b, b, 0.5),
            ["addcdiv"] = () => a.clone().addcdiv_(b, b, 0.5),
            ["logit"] = () => unit.logit(),
            ["xlogy"] = () => b.xlogy(b),
            ["logaddexp"] = () => a.logaddexp(b),
            ["relu6"] = () => (a * 6).relu6(),
            ["selu"] = () => a.selu(),
            ["sum"] = () => a.sum(1),
            ["sum_keep"] = () => a.sum(0, keepdim: true),
            ["mean"] = () => a.mean([1]),
            ["std"] = () => a.std(1),
            ["var"] = () => a.var(0, unbiased: false),
            ["std_all"] = () => a.std(),
            ["prod"] = () => a.prod(1),
            ["max"] = () => a.max(1).values,
            ["max_at"] = () => a.max(1).indexes,
            ["min"] = () => a.min(0).values,
            ["amax"] = () => a.amax(0),
            ["argmax"] = () => a.argmax(1),
            ["argmin"] = () => a.argmin(),
            ["all"] = () => mask.all(1),
            ["any"] = () => mask.any(0),
            ["norm1"] = () => a.norm(1f),
            ["norm_dim"] = () => a.norm(1, p: 2f),
            ["cumsum"] = () => a.cumsum(1),
            ["cumprod"] = () => a.cumprod(0),
            ["median"] = () => a.median(),
            ["bincount"] = () => bincount(ints),
            ["count_nonzero"] = () => mask.count_nonzero(),
            ["cov"] = () => a.cov(),
            ["corrcoef"] = () => a.corrcoef(),
            ["reshape"] = () => a.reshape(2, 6),
            ["flatten"] = () => batch.flatten(1),
            ["unflatten"] = () => a.unflatten(1, 2, 2),
            ["unsqueeze"] = () => a.unsqueeze(1),
            ["permute"] = () => batch.permute(2, 0, 1),
            ["expand"] = () => a.unsqueeze(0).expand(2, -1, -1),
            ["repeat"] = () => a.repeat(2, 1),
            ["repeat_interleave"] = () => a.repeat_interleave(2, 1),
            ["tile"] = () => a.tile([2]),
            ["narrow"] = () => a.narrow(1, 1, 2),
            ["select"] = () => a.select(1, 2),
            ["index_select"] = () => a.index_select(0, k),
            ["gather"] = () => a.gather(0, i),
            ["scatter"] = () => a.scatter(0, i, b),
            ["scatter_add"] = () => a.clone().scatter_add_(0, i, b),
            ["index_add"] = () => a.index_add(0, k, b.narrow(0, 0, 2), 2),
            ["masked_fill"] = () => a.masked_fill(mask, 7),
            ["masked_select"] = () => a.masked_select(mask),
            ["where"] = () => where(mask, a, b),
            ["nonzero"] = () => mask.nonzero(),
            ["flip"] = () => a.flip(0, 1),
            ["roll"] = () => a.roll(1, 1),
            ["tril"] = () => a.tril(),
            ["triu"] = () => a.triu(1),
            ["diag"] = () => sq.diag(),
            ["diagonal"] = () => sq.diagonal(1),
            ["diag_embed"] = () => a.diag_embed(),
            ["trace"] = () => sq.trace(),
            ["diff"] = () => a.diff(),
            ["argsort"] = () => a.argsort(1),
            ["sort"] = () => a.sort(1, descending: true).Values,
            ["topk"] = () => a.topk(2).values,
            ["split"] = () => a.split(2, 1)[1],
            ["split_sizes"] = () => a.split([1, 3], 1)[1],
            ["chunk"] = () => a.chunk(2, 1)[0],
            ["unbind"] = () => a.unbind(1)[3],
            ["cat"] = () => cat([a, b], 1),
            ["stack"] = () => stack([a, b], 1),
            ["vstack"] = () => vstack((IList<Tensor>)[a, b]),
            ["hstack"] = () => hstack((IList<Tensor>)[a, b]),
            ["meshgrid"] = () => meshgrid([ints, k])[1],
            ["mm"] = () => a.mm(sq),
            ["mv"] = () => sq.mv(a[0]),
            ["bmm"] = () => batch.bmm(batch.transpose(1, 2)),
            ["dot"] = () => a[0].dot(b[0]),
            ["outer"] = () => a[0].outer(b[0]),
            ["inner"] = () => a.inner(b),
            ["addmm"] = () => a.addmm(b, sq, 0.5f, 2),
            ["kron"] = () => a.kron(sq),
            ["einsum"] = () => einsum("ij,kj->ik", a, b),
            ["tensordot"] = () => tensordot(batch, a.t(), 1),
            ["det"] = () => sq.det(),
            ["inverse"] = () => sq.inverse(),
            ["linalg_det"] = () => linalg.det(sq),
            ["eigh"] = () => linalg.eigh(sq + sq.t()).Item1,
            ["svd"] = () => linalg.svd(sq).S,
            ["vector_norm"] = () => linalg.vector_norm(a, 3),
            ["linalg_norm"] = () => linalg.norm(a),
            ["pinv"] = () => linalg.pinv(a),
            ["matrix_exp"] = () => linalg.matrix_exp(sq),
            ["linspace"] = () => linspace(0, 1, 5),
            ["logspace"] = () => logspace(0, 2, 3),
            ["eye"] = () => eye(2, 3),
            ["full"] = () => full(2, 2, 3.5),
            ["arange_step"] = () => arange(1, 10, 3),
            ["zeros_like"] = () => zeros_like(a),
            ["full_like"] = () => full_like(a, 2),
            ["one_hot"] = () => F.one_hot(ints),
            ["cosine_similarity"] = () => F.cosine_similarity(a, b),
            ["pairwise_distance"] = () => F.pairwise_distance(a, b),
            ["max_pool2d"] = () => F.max_pool2d(batch, 2),
            ["avg_pool2d"] = () => F.avg_pool2d(batch, [2, 2], [1, 1]),
            ["adaptive2d"] = () => F.adaptive_avg_pool2d(batch, 2),
            ["conv2d_same"] = () => F.conv2d_padding(batch.unsqueeze(1), ones(1, 1, 3, 3), padding: Padding.Same),
            ["margin_ranking"] = () => F.margin_ranking_loss(a, b, ones(3, 4)),
            ["c_abs"] = () => c.abs(),
            ["c_angle"] = () => c.angle(),
            ["c_mul"] = () => (c * c.conj()).view_as_real(),
            ["c_real"] = () => c.real,
            ["c_imag"] = () => c.imag,
            ["polar"] = () => polar(b, a).view_as_real(),
            ["fft"] = () => fft.fft_(a, norm: FFTNormType.Ortho).view_as_real(),
            ["rfft"] = () => fft.rfft(a).view_as_real(),
            ["irfft"] = () => fft.irfft(fft.rfft(a), 4),
            ["ifft"] = () => fft.ifft(c).view_as_real(),
            ["view_as_complex"] = () => batch.reshape(3, 4, 2).contiguous().view_as_complex().abs(),
            ["mH"] = () => c.mH.contiguous().view_as_real(),
            ["broadcast_to"] = () => a[0].broadcast_to(2, 4),
            ["slice"] = () => a.slice(1, 0, 4, 2),
        };
    }
}
