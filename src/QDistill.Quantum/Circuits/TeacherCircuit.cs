using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>Builds the circuits that teachers are made of: a named encoding followed by layers of a named ansatz.</summary>
public static class TeacherCircuit
{
    /// <summary>
    /// The circuit <c>encoding, layer 0, layer 1, …</c>, or, for re-uploading encodings, <c>encoding, layer 0, encoding, layer 1, …</c>.
    /// Weights are numbered in the order of their first use.
    /// </summary>
    /// <param name="encoding">A name of <see cref="FeatureEncoding.All"/>, or <c>state</c>.</param>
    /// <param name="ansatz">A name of <see cref="Ansatz.All"/>.</param>
    /// <param name="qubits">The number of qubits.</param>
    /// <param name="layers">The number of layers of the ansatz; 0 leaves the encoding alone (a feature map for kernels).</param>
    /// <param name="features">The number of features of a sample; 2·2^n for <c>state</c>.</param>
    /// <exception cref="UserErrorException">A name is unknown, or the sizes do not fit each other.</exception>
    public static Circuit Build(string encoding, string ansatz, int qubits, int layers, int features)
    {
        FeatureEncoding e = FeatureEncoding.Get(encoding);
        Ansatz a = Ansatz.Get(ansatz);
        var builder = new CircuitBuilder(qubits);
        if (layers < 0)
        {
            throw new UserErrorException($"a circuit cannot have {layers} layers");
        }

        if (e == FeatureEncoding.State && features != e.MaxFeatures(qubits))
        {
            throw new UserErrorException($"the encoding 'state' on {qubits} qubits takes the {e.MaxFeatures(qubits)} numbers of a state (Re and Im of {1 << qubits} amplitudes), not {features}");
        }

        if (features < 1 || features > e.MaxFeatures(qubits))
        {
            throw new UserErrorException($"the encoding '{encoding}' on {qubits} qubits takes 1 to {e.MaxFeatures(qubits)} features, not {features}", null, "choose fewer features or more qubits");
        }

        e.Append(builder, features);
        for (int layer = 0; layer < layers; layer++)
        {
            if (layer > 0 && e.Reuploads)
            {
                e.Append(builder, features);
            }

            a.Append(builder, layer, layers);
        }

        return builder.Build(features, null, new CircuitOrigin(encoding, ansatz, layers));
    }
}
